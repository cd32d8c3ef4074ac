import type {
  Broadcaster,
  BroadcastMessage,
  BroadcastSubscription,
} from '@dashi/messaging/transport'
import type { RedisClient } from '../connection/client.ts'
import { operationError, publishError } from '../errors.ts'
import type { Wire } from './wire.ts'

type Listener = (message: BroadcastMessage) => void

interface Pattern {
  readonly listeners: Set<Listener>
  readonly confirmed: Promise<void>
}

/** What a broadcaster needs besides the session's wire. */
export interface BroadcasterParts {
  /** The connection that receives. Made when first needed: a flood of broadcasts shall not delay the rest. */
  readonly receiver: () => Promise<RedisClient>
  /** On a cluster, a node only counts its own subscribers. */
  readonly countsReceivers: boolean
}

/** Fanout exchanges over pub/sub, on the channels that Kombu peers use. */
export class RedisBroadcaster implements Broadcaster {
  readonly #wire: Wire
  readonly #parts: BroadcasterParts
  readonly #patterns = new Map<string, Pattern>()

  constructor(wire: Wire, parts: BroadcasterParts) {
    this.#wire = wire
    this.#parts = parts
  }

  async publish(exchange: string, routingKey: string, payload: string): Promise<number> {
    const { client, keys } = this.#wire
    const channel = keys.channel(exchange, routingKey)
    try {
      const receivers = await client.send<number>(['PUBLISH', channel, payload])
      return this.#parts.countsReceivers || receivers > 0 ? receivers : -1
    } catch (error) {
      throw publishError(error, `publish to exchange "${exchange}"`)
    }
  }

  async subscribe(
    exchange: string,
    bindingKey: string,
    onMessage: Listener,
  ): Promise<BroadcastSubscription> {
    const names = this.#wire.keys.channelPatterns(exchange, bindingKey)
    // One entry per subscription, even if two pass the same function.
    const listener: Listener = (message) => onMessage(message)
    try {
      await Promise.all(names.map((name) => this.#join(name, exchange, listener)))
    } catch (error) {
      throw operationError(error, `subscribe to exchange "${exchange}"`)
    }
    return { cancel: () => this.#cancel(names, listener) }
  }

  /** Resolves when the server has confirmed the pattern, whoever asked for it first. */
  async #join(name: string, exchange: string, listener: Listener): Promise<void> {
    const known = this.#patterns.get(name)
    if (known === undefined) this.#open(name, exchange, listener)
    else known.listeners.add(listener)
    try {
      await this.#patterns.get(name)?.confirmed
    } catch (error) {
      this.#patterns.delete(name)
      throw error
    }
  }

  #open(name: string, exchange: string, listener: Listener): void {
    const listeners = new Set([listener])
    const onPayload = (payload: Buffer) => {
      for (const each of listeners) each({ exchange, payload })
    }
    const confirmed = this.#parts
      .receiver()
      .then((receiver) => receiver.psubscribe(name, onPayload))
    this.#patterns.set(name, { listeners, confirmed })
  }

  async #cancel(names: readonly string[], listener: Listener): Promise<void> {
    const unused = names.filter((name) => {
      const pattern = this.#patterns.get(name)
      const isLast = pattern?.listeners.delete(listener) === true && pattern.listeners.size === 0
      return isLast && this.#patterns.delete(name)
    })
    if (unused.length === 0) return
    try {
      const receiver = await this.#parts.receiver()
      await Promise.all(unused.map((name) => receiver.punsubscribe(name)))
    } catch (error) {
      throw operationError(error, 'cancel a subscription')
    }
  }
}
