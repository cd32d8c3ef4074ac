import type { BindingTable, RoutableMessage, StoredMessage } from '@dashi/messaging/transport'
import { matchKombuTopic } from '@dashi/messaging/transport'
import { publishError } from '../errors.ts'
import { put } from './put.ts'
import { routeScript } from './scripts/route.ts'
import type { Wire } from './wire.ts'

/**
 * Routes by the shared bindings and appends, all or none, with one command.
 *
 * @returns per message how many queues it reached.
 * @throws {PublishError} `REFUSED`; {OutcomeUnknownError} the connection was lost, or too few replicas confirmed.
 */
export async function route(
  wire: Wire,
  bindings: BindingTable,
  messages: readonly RoutableMessage[],
): Promise<readonly number[]> {
  const { writer, keys } = wire
  const exchanges = [...new Set(messages.map(({ exchange }) => exchange))]
  const args = messages.flatMap((message) => [
    String(exchanges.indexOf(message.exchange) + 1),
    message.exchangeType,
    message.routingKey,
    keys.stepSuffix(message.priority),
    message.payload,
  ])
  try {
    const sets = exchanges.map((exchange) => keys.bindings(exchange))
    const reached = await writer.run<readonly number[] | -1>(routeScript, sets, [
      keys.prefix,
      keys.sep,
      ...args,
    ])
    return reached === -1 ? await routeHere(wire, bindings, messages) : reached
  } catch (error) {
    throw publishError(
      error,
      `publish to ${exchanges.map((name) => `exchange "${name}"`).join(', ')}`,
    )
  }
}

/** For the few bindings whose keys take more than the script knows. */
async function routeHere(
  wire: Wire,
  bindings: BindingTable,
  messages: readonly RoutableMessage[],
): Promise<readonly number[]> {
  const stored: StoredMessage[] = []
  const reached: number[] = []
  for (const { exchange, exchangeType, routingKey, payload, priority } of messages) {
    const matching = (await bindings.lookup(exchange)).filter((binding) => {
      if (exchangeType === 'topic') return matchKombuTopic(binding.routingKey, routingKey)
      return binding.routingKey === routingKey
    })
    const queues = new Set(matching.map(({ queue }) => queue))
    for (const queue of queues) stored.push({ queue, payload, priority })
    reached.push(queues.size)
  }
  await put(wire, stored)
  return reached
}
