import type { PubSubMessage } from './pub-sub-message.ts'

/** Called with each message, in order. It is not waited for. */
export type PubSubHandler = (message: PubSubMessage) => unknown

/** What is subscribed to. */
export type SubscriptionKind = 'channel' | 'pattern' | 'sharded channel'

/** One channel, pattern or sharded channel. */
export interface Subscription {
  readonly kind: SubscriptionKind
  readonly name: string
  readonly handlers: Set<PubSubHandler>
  /** Settles when the server has confirmed it for the first time, or refused it. */
  readonly confirmed: PromiseWithResolvers<void>
}

/** What became of a handler that was added. */
export interface AddedHandler {
  readonly subscription: Subscription
  /** The server does not know of it yet. */
  readonly isNew: boolean
}

/** What is wanted, whether or not there is a connection. */
export class SubscriptionTable {
  readonly #tables: Readonly<Record<SubscriptionKind, Map<string, Subscription>>> = {
    channel: new Map(),
    pattern: new Map(),
    'sharded channel': new Map(),
  }

  get all(): readonly Subscription[] {
    return Object.values(this.#tables).flatMap((table) => [...table.values()])
  }

  get isEmpty(): boolean {
    return Object.values(this.#tables).every((table) => table.size === 0)
  }

  names(kind: SubscriptionKind): readonly string[] {
    return [...this.#table(kind).keys()]
  }

  has(subscription: Subscription): boolean {
    return this.#table(subscription.kind).get(subscription.name) === subscription
  }

  /** Adds a handler to a subscription, or begins one. */
  add(kind: SubscriptionKind, name: string, handler: PubSubHandler): AddedHandler {
    const known = this.#table(kind).get(name)
    if (known !== undefined) {
      known.handlers.add(handler)
      return { subscription: known, isNew: false }
    }
    const confirmed = Promise.withResolvers<void>()
    // Whoever subscribes awaits it; without a connection nobody may be there yet.
    confirmed.promise.catch(() => undefined)
    const subscription: Subscription = { kind, name, handlers: new Set([handler]), confirmed }
    this.#table(kind).set(name, subscription)
    return { subscription, isNew: true }
  }

  /** Removes one handler, or all. @returns whether nobody is left, so that the server has to be told. */
  remove(kind: SubscriptionKind, name: string, handler?: PubSubHandler): boolean {
    const known = this.#table(kind).get(name)
    if (known === undefined) return false
    if (handler !== undefined) known.handlers.delete(handler)
    if (handler !== undefined && known.handlers.size > 0) return false
    this.#table(kind).delete(name)
    known.confirmed.reject(new Error(`unsubscribed from ${kind} "${name}" before it was confirmed`))
    return true
  }

  #table(kind: SubscriptionKind): Map<string, Subscription> {
    return this.#tables[kind]
  }
}
