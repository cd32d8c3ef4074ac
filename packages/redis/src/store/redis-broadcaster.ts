import type {
  Broadcaster,
  BroadcastMessage,
  BroadcastSubscription,
} from '@dashi/messaging/transport'
import type { RedisClient } from '../connection/client.ts'
import { operationError, publishError } from '../errors.ts'
import type { BroadcastWay } from './broadcast-way.ts'
import type { Wire } from './wire.ts'

type Listener = (arrival: Buffer) => void

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
  readonly way: BroadcastWay
}

/** Fanout exchanges over pub/sub. */
export class RedisBroadcaster implements Broadcaster {
  readonly #wire: Wire
  readonly #parts: BroadcasterParts
  readonly #patterns = new Map<string, Pattern>()

  constructor(wire: Wire, parts: BroadcasterParts) {
    this.#wire = wire
    this.#parts = parts
  }

  async publish(exchange: string, routingKey: string, payload: string): Promise<number> {
    const { way } = this.#parts
    try {
      const command = way.command(exchange, routingKey, payload)
      const receivers = await this.#wire.client.send<number>(command)
      return this.#parts.countsReceivers || receivers > 0 ? receivers : -1
    } catch (error) {
      throw publishError(error, `publish to exchange "${exchange}"`)
    }
  }

  async subscribe(
    exchange: string,
    bindingKey: string,
    onMessage: (message: BroadcastMessage) => void,
  ): Promise<BroadcastSubscription> {
    const { way } = this.#parts
    const names = way.names(exchange, bindingKey)
    const open = way.opener(bindingKey)
    const listener: Listener = (arrival) => {
      const payload = open(arrival)
      if (payload !== undefined) onMessage({ exchange, payload })
    }
    try {
      await Promise.all(names.map((name) => this.#join(name, listener)))
    } catch (error) {
      throw operationError(error, `subscribe to exchange "${exchange}"`)
    }
    return { cancel: () => this.#cancel(names, listener) }
  }

  /** Resolves when the server has confirmed the pattern, whoever asked for it first. */
  async #join(name: string, listener: Listener): Promise<void> {
    const known = this.#patterns.get(name)
    if (known === undefined) this.#open(name, listener)
    else known.listeners.add(listener)
    try {
      await this.#patterns.get(name)?.confirmed
    } catch (error) {
      this.#patterns.delete(name)
      throw error
    }
  }

  #open(name: string, listener: Listener): void {
    const { receiver, way } = this.#parts
    const listeners = new Set([listener])
    const onArrival = (arrival: Buffer) => {
      for (const each of listeners) each(arrival)
    }
    const confirmed = receiver().then((client) => way.subscribe(client, name, onArrival))
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
      const { receiver, way } = this.#parts
      const client = await receiver()
      await Promise.all(unused.map((name) => way.unsubscribe(client, name)))
    } catch (error) {
      throw operationError(error, 'cancel a subscription')
    }
  }
}
