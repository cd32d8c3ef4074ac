/**
 * What one connection has declared on a virtual transport: exchanges, queues, and who is bound to what.
 *
 * AMQP keeps this in the broker. A plain queue store keeps at most the bindings, so the rest lives here.
 */

import { isDeepStrictEqual } from 'node:util'
import type {
  BindingDeclaration,
  ExchangeDeclaration,
  QueueDeclaration,
} from '../entity/declaration.ts'
import { ChannelError, UnsupportedError } from '../errors.ts'
import type { QueueStore, StoredBinding } from './queue-store.ts'

const builtin: ReadonlyMap<string, string> = new Map([
  ['amq.direct', 'direct'],
  ['amq.fanout', 'fanout'],
  ['amq.topic', 'topic'],
  ['amq.headers', 'headers'],
  ['amq.match', 'headers'],
])

/** Declarations of one connection. */
export class VirtualTopology {
  readonly #store: QueueStore
  readonly #exchanges = new Map<string, ExchangeDeclaration>()
  readonly #queues = new Map<string, QueueDeclaration>()
  readonly #bindings = new Map<string, StoredBinding[]>()

  constructor(store: QueueStore) {
    this.#store = store
  }

  /** The type of an exchange that this connection declared or that always exists. */
  exchangeType(name: string): string | undefined {
    return this.#exchanges.get(name)?.type ?? builtin.get(name)
  }

  /** @throws {ChannelError} `PRECONDITION_FAILED` when the exchange was declared otherwise. */
  addExchange(declaration: ExchangeDeclaration): void {
    const { name, type } = declaration
    const known = this.exchangeType(name)
    if (known !== undefined && known !== type) throw notEquivalent(name, known, type)
    if (!this.#store.capabilities.exchangeTypes.some((supported) => supported === type)) {
      throw new UnsupportedError(
        `Cannot declare exchange "${name}": transport "${this.#store.name}" has no exchange type "${type}" ` +
          `(it has ${this.#store.capabilities.exchangeTypes.join(', ')})`,
      )
    }
    this.#exchanges.set(name, declaration)
  }

  removeExchange(name: string): void {
    this.#exchanges.delete(name)
  }

  queue(name: string): QueueDeclaration | undefined {
    return this.#queues.get(name)
  }

  addQueue(declaration: QueueDeclaration): void {
    this.#queues.set(declaration.name, declaration)
  }

  removeQueue(name: string): void {
    this.#queues.delete(name)
    this.#bindings.delete(name)
  }

  /** Queues that belong to this connection alone and go with it. */
  exclusiveQueues(): readonly string[] {
    return [...this.#queues.values()].filter((queue) => queue.exclusive).map((queue) => queue.name)
  }

  /** The binding as a store writes it. */
  storedBinding(binding: BindingDeclaration, exchangeType: string): StoredBinding {
    return {
      exchange: binding.exchange === '' ? 'amq.direct' : binding.exchange,
      exchangeType,
      queue: binding.destination,
      routingKey: binding.routingKey,
      arguments: binding.arguments,
    }
  }

  addBinding(binding: StoredBinding): void {
    const bindings = this.#bindings.get(binding.queue) ?? []
    this.#bindings.set(binding.queue, [
      ...bindings.filter((other) => !same(other, binding)),
      binding,
    ])
  }

  removeBinding(binding: StoredBinding): void {
    const bindings = this.#bindings.get(binding.queue) ?? []
    this.#bindings.set(
      binding.queue,
      bindings.filter((other) => !same(other, binding)),
    )
  }

  /** What a queue was bound to by this connection. */
  bindingsOf(queue: string): readonly StoredBinding[] {
    return this.#bindings.get(queue) ?? []
  }

  /** True for a queue that receives broadcasts and nothing else. */
  isBroadcastOnly(queue: string): boolean {
    const bindings = this.bindingsOf(queue)
    return bindings.length > 0 && bindings.every((binding) => binding.exchangeType === 'fanout')
  }
}

function same(a: StoredBinding, b: StoredBinding): boolean {
  return (
    a.exchange === b.exchange &&
    a.routingKey === b.routingKey &&
    isDeepStrictEqual(a.arguments, b.arguments)
  )
}

function notEquivalent(name: string, known: string, wanted: string): ChannelError {
  return new ChannelError(
    'PRECONDITION_FAILED',
    `Cannot declare exchange "${name}" with type "${wanted}": it exists with type "${known}". ` +
      'Use the same type everywhere, another name, or delete the exchange first',
  )
}
