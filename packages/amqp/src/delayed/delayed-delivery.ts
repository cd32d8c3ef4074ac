/** Declares what native delayed delivery needs, on any channel. */
import type { Queue } from '@dashi/messaging'
import {
  ConfigurationError,
  type DeclaringChannel,
  type OperationOptions,
} from '@dashi/messaging/transport'
import { type DelayedQueueType, delayedTopology, deliveryExchange } from './delayed-topology.ts'

/** How delayed delivery is set up. */
export interface DelayedDeliveryOptions extends OperationOptions {
  /** Kind of the queues where messages wait. Default `quorum`, as Celery's. */
  readonly queueType?: DelayedQueueType | undefined
  /** Before all names, as `<prefix>_…`; for Kombu peers that have one too (5.7). Default: none. */
  readonly prefix?: string | undefined
}

/**
 * Declares the exchanges and queues. Idempotent; one process of a system is enough.
 *
 * @throws {ConfigurationError} `BAD_OPTION`; {ChannelError} `PRECONDITION_FAILED`: they exist with another queue type.
 * @see kombu/transport/native_delayed_delivery.py, declare_native_delayed_delivery_exchanges_and_queues
 */
export async function declareDelayedDelivery(
  channel: DeclaringChannel,
  options: DelayedDeliveryOptions = {},
): Promise<void> {
  const { queueType = 'quorum', prefix, signal } = options
  if (queueType !== 'classic' && queueType !== 'quorum') throw badType(queueType)
  const topology = delayedTopology(queueType, prefix)
  for (const exchange of topology.exchanges) await channel.declareExchange(exchange, { signal })
  for (const queue of topology.queues) await channel.declareQueue(queue, { signal })
  for (const binding of topology.queueBindings) await channel.bindQueue(binding, { signal })
  for (const binding of topology.exchangeBindings) await channel.bindExchange(binding, { signal })
}

/**
 * Lets delayed messages reach a queue that was declared before, through the exchanges that it is bound to.
 *
 * @returns names of direct exchanges, through which none can: their keys have to match as a whole.
 * @see kombu/transport/native_delayed_delivery.py, bind_queue_to_native_delayed_delivery_exchange
 */
export async function bindToDelayedDelivery(
  channel: DeclaringChannel,
  queue: Queue,
  options: DelayedDeliveryOptions = {},
): Promise<readonly string[]> {
  const { prefix, signal } = options
  const skipped: string[] = []
  for (const { exchange, routingKey: key } of placesOf(queue)) {
    if (exchange.type === 'direct') {
      skipped.push(exchange.name)
      continue
    }
    const routingKey = key.startsWith('#') ? key : `#.${key}`
    const source = deliveryExchange(prefix)
    const through = { routingKey, arguments: {} }
    await channel.bindExchange(
      { exchange: source, destination: exchange.name, ...through },
      { signal },
    )
    await channel.bindQueue(
      { exchange: exchange.name, destination: queue.name, ...through },
      { signal },
    )
  }
  return skipped
}

interface Place {
  readonly exchange: { readonly name: string; readonly type: string }
  readonly routingKey: string
}

function placesOf({ exchange, routingKey, bindings }: Queue): readonly Place[] {
  return exchange === undefined ? bindings : [{ exchange, routingKey }]
}

function badType(given: unknown): ConfigurationError {
  return new ConfigurationError(
    'BAD_OPTION',
    `Option "queueType" of delayed delivery has to be classic or quorum, not ${JSON.stringify(given)}`,
  )
}
