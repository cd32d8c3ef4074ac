import type { BindingTable, StoredBinding } from '@dashi/messaging/transport'
import { matchKombuTopic } from '@dashi/messaging/transport'
import { operationError } from '../errors.ts'
import { type BindingRecord, formatBinding, parseBinding } from './binding-record.ts'
import { unbindQueueScript } from './scripts/clear.ts'
import type { Wire } from './wire.ts'

/** Bindings in the sets that Kombu peers read and write. */
export class RedisBindingTable implements BindingTable {
  readonly #wire: Wire
  /** Types of the exchanges that this session heard of. Kombu has no place for them in Redis. */
  readonly #types = new Map<string, string>()
  /** Queues that this session saw in a binding. */
  readonly #queues = new Set<string>()

  constructor(wire: Wire) {
    this.#wire = wire
  }

  async bind(binding: StoredBinding): Promise<void> {
    const { keys } = this.#wire
    const { exchange, exchangeType, queue } = binding
    this.#types.set(exchange, exchangeType)
    this.#queues.add(queue)
    const member = formatBinding(binding, keys.sep)
    await this.#send(
      ['SADD', keys.bindings(exchange), member],
      `bind queue "${queue}" to "${exchange}"`,
    )
  }

  async unbind(binding: StoredBinding): Promise<void> {
    const { keys } = this.#wire
    const { exchange, queue } = binding
    const member = formatBinding(binding, keys.sep)
    await this.#send(
      ['SREM', keys.bindings(exchange), member],
      `unbind queue "${queue}" from "${exchange}"`,
    )
  }

  async lookup(exchange: string): Promise<readonly StoredBinding[]> {
    const records = await this.#records(exchange)
    const plain = this.#types.get(exchange) ?? 'direct'
    return records.map(({ routingKey, isTopic, queue }) => {
      return { exchange, exchangeType: isTopic ? 'topic' : plain, queue, routingKey, arguments: {} }
    })
  }

  async declareExchange(name: string, type: string): Promise<void> {
    this.#types.set(name, type)
  }

  /** `topic` if a binding has a pattern. Direct and fanout look the same in Redis: `undefined`. */
  async exchangeType(name: string): Promise<string | undefined> {
    const records = await this.#records(name)
    return records.some(({ isTopic }) => isTopic) ? 'topic' : undefined
  }

  async removeExchange(name: string): Promise<void> {
    this.#types.delete(name)
    await this.#send(['DEL', this.#wire.keys.bindings(name)], `delete exchange "${name}"`)
  }

  async removeQueue(queue: string, exchanges: readonly string[]): Promise<void> {
    const { client, keys } = this.#wire
    this.#queues.delete(queue)
    if (exchanges.length === 0) return
    const sets = exchanges.map((exchange) => keys.bindings(exchange))
    try {
      await client.run(unbindQueueScript, sets, [keys.sep + queue])
    } catch (error) {
      throw operationError(error, `remove the bindings of queue "${queue}"`)
    }
  }

  /** Whether a binding is known that names the queue: Redis has no list of queues. */
  async knowsQueue(queue: string): Promise<boolean> {
    if (this.#queues.has(queue)) return true
    const exchanges = new Set([queue, ...this.#types.keys()])
    for (const exchange of exchanges) {
      const records = await this.#records(exchange)
      if (records.some((record) => record.queue === queue)) return true
    }
    return false
  }

  /** The queues that a message of a Kombu peer goes back to; `undefined` for a broadcast. */
  async queuesOf(exchange: string, routingKey: string): Promise<readonly string[] | undefined> {
    if (this.#types.get(exchange) === 'fanout') return undefined
    const records = await this.#records(exchange)
    const matching = records.filter((record) => {
      if (record.isTopic) return matchKombuTopic(record.routingKey, routingKey)
      return record.routingKey === routingKey
    })
    return [...new Set(matching.map(({ queue }) => queue))]
  }

  async #records(exchange: string): Promise<readonly BindingRecord[]> {
    const { keys } = this.#wire
    const command = ['SMEMBERS', keys.bindings(exchange)]
    const members = await this.#send<readonly string[]>(
      command,
      `read the bindings of "${exchange}"`,
    )
    return members.flatMap((member) => parseBinding(member, keys.sep) ?? [])
  }

  async #send<Answer>(command: readonly string[], doing: string): Promise<Answer> {
    try {
      return await this.#wire.client.send<Answer>(command)
    } catch (error) {
      throw operationError(error, doing)
    }
  }
}
