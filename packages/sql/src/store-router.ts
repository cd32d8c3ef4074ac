import {
  matchKombuTopic,
  PublishError,
  type RoutableMessage,
  type StoredBinding,
} from '@dashi/messaging/transport'
import type { RoutedMessage, SqlDatabase } from './sql-database.ts'

/** Bindings that change faster than they can be read are somebody's mistake. */
const attemptLimit = 10

/**
 * Routes by the shared bindings without asking for them every time.
 *
 * Bindings are remembered together with the version of the table they were read at. A publish names
 * that version; if the table has moved on, nothing is stored and it is routed again. So a binding that
 * is there before a publish begins always counts, and the usual publish is one step.
 */
export class StoreRouter {
  readonly #database: SqlDatabase
  readonly #bindings = new Map<string, readonly StoredBinding[]>()
  #version = -1

  constructor(database: SqlDatabase) {
    this.#database = database
  }

  /** @returns queues reached, per message. */
  async route(messages: readonly RoutableMessage[]): Promise<readonly number[]> {
    const exchanges = [...new Set(messages.map(({ exchange }) => exchange))]
    for (let step = 0; step < attemptLimit * (1 + exchanges.length); step += 1) {
      const unknown = exchanges.find((exchange) => !this.#bindings.has(exchange))
      if (unknown === undefined) {
        const reached = await this.#store(messages)
        if (reached !== undefined) return reached
      } else {
        await this.#learn(unknown)
      }
    }
    throw new PublishError(
      'REFUSED',
      `Cannot publish to ${exchanges.join(', ')}: the bindings change faster than they can be read. ` +
        'Declare and bind once, not for every message',
    )
  }

  /** @returns queues reached, or nothing when the bindings are out of date. */
  async #store(messages: readonly RoutableMessage[]): Promise<readonly number[] | undefined> {
    const bindingVersion = this.#version
    const routed = messages.map((message) => this.#routed(message))
    const isStored = await this.#database.execute('putRouted', { bindingVersion, messages: routed })
    if (isStored) return routed.map(({ queues }) => queues.length)
    if (bindingVersion === this.#version) this.#bindings.clear()
    return undefined
  }

  /** All bindings that are remembered have to be of one version. */
  async #learn(exchange: string): Promise<void> {
    const { bindingVersion, bindings } = await this.#database.execute('lookup', exchange)
    if (bindingVersion !== this.#version) this.#bindings.clear()
    this.#version = bindingVersion
    this.#bindings.set(exchange, bindings)
  }

  #routed({
    exchange,
    exchangeType,
    routingKey,
    payload,
    priority,
  }: RoutableMessage): RoutedMessage {
    const matches = exchangeType === 'direct' ? isEqual : matchKombuTopic
    const queues = new Set<string>()
    for (const binding of this.#bindings.get(exchange) ?? []) {
      if (matches(binding.routingKey, routingKey)) queues.add(binding.queue)
    }
    return { queues: [...queues], payload, priority }
  }
}

function isEqual(bindingKey: string, routingKey: string): boolean {
  return bindingKey === routingKey
}
