import type { DeclarationArguments } from './binding.ts'
import type { DeliveryMode } from './delivery-mode.ts'
import { Exchange } from './exchange.ts'
import type { QueueOptions } from './queue.ts'

/**
 * A queue and its exchange in one flat object, as configuration files write them.
 *
 * `durable` and `autoDelete` are of both unless the longer names say otherwise.
 */
export interface QueueFromDictOptions extends QueueOptions {
  readonly exchangeType?: string | undefined
  readonly exchangeDurable?: boolean | undefined
  readonly exchangeAutoDelete?: boolean | undefined
  readonly exchangeArguments?: DeclarationArguments | undefined
  /** Of the exchange. */
  readonly deliveryMode?: DeliveryMode | undefined
  /** Wins over `routingKey`. */
  readonly bindingKey?: string | undefined
  readonly queueDurable?: boolean | undefined
  readonly queueAutoDelete?: boolean | undefined
}

/**
 * The same as options of `new Queue()`.
 *
 * @throws {ConfigurationError} `BAD_OPTION` for a wrong exchange.
 * @see kombu/entity.py, Queue.from_dict
 */
export function queueOptionsFromDict(dict: QueueFromDictOptions): QueueOptions {
  const {
    exchangeType,
    exchangeDurable = dict.durable,
    exchangeAutoDelete = dict.autoDelete,
    exchangeArguments,
    deliveryMode,
    bindingKey,
    queueDurable = dict.durable,
    queueAutoDelete = dict.autoDelete,
    ...queue
  } = dict
  const exchange = queue.exchange ?? ''
  const routingKey = bindingKey || queue.routingKey
  const own = { ...queue, routingKey, durable: queueDurable, autoDelete: queueAutoDelete }
  if (typeof exchange !== 'string') return own

  const described = new Exchange(exchange, {
    type: exchangeType,
    durable: exchangeDurable,
    autoDelete: exchangeAutoDelete,
    arguments: exchangeArguments,
    deliveryMode,
  })
  return { ...own, exchange: described }
}
