/** A time during which messages may have been missed: pub/sub keeps nothing for who is away. */
export interface PubSubGap {
  /** Last sign of life before. */
  readonly from: Date
  /** When everything was subscribed again. */
  readonly until: Date
  readonly durationMs: number
  readonly channels: readonly string[]
  readonly patterns: readonly string[]
  readonly shardedChannels: readonly string[]
}

/** What a `PubSub` tells, by name. */
export interface PubSubEvents {
  /** Connected, and subscribed to everything. */
  readonly connected: undefined
  /** The connection was lost, or could not be made. Tried again. */
  readonly disconnected: Error
  /** After a reconnect, and after a sharded channel has moved to another node of a cluster. */
  readonly gap: PubSubGap
  /** The server answered a heartbeat; milliseconds that it took. */
  readonly pong: number
  /** A handler threw or rejected. */
  readonly error: Error
}

type Listener<Event> = (event: Event) => void

/** Who listens to what. */
export class PubSubListeners {
  readonly #listeners: {
    readonly [Name in keyof PubSubEvents]: Set<Listener<PubSubEvents[Name]>>
  } = {
    connected: new Set(),
    disconnected: new Set(),
    gap: new Set(),
    pong: new Set(),
    error: new Set(),
  }

  /** @returns how to stop listening. */
  on<Name extends keyof PubSubEvents>(
    name: Name,
    listener: Listener<PubSubEvents[Name]>,
  ): () => void {
    const listeners: Set<Listener<PubSubEvents[Name]>> = this.#listeners[name]
    listeners.add(listener)
    return () => listeners.delete(listener)
  }

  /** An error that nobody listens for, or that a listener throws, becomes a warning of the process. */
  emit<Name extends keyof PubSubEvents>(name: Name, event: PubSubEvents[Name]): void {
    const listeners: Set<Listener<PubSubEvents[Name]>> = this.#listeners[name]
    if (name === 'error' && listeners.size === 0 && event instanceof Error) warn(event)
    for (const listener of listeners) {
      try {
        listener(event)
      } catch (error) {
        warn(error)
      }
    }
  }
}

function warn(error: unknown): void {
  process.emitWarning(
    error instanceof Error ? error : new Error(String(error)),
    'DashiListenerError',
  )
}
