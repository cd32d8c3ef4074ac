/** The Redis client that this package uses: one connection, with scripts, and a watch over its silence. */
import { type ConnectionTarget, openConnection } from '../resp/open-connection.ts'
import type { RespConnection } from '../resp/resp-connection.ts'
import type { MessageListener, SubscriptionVerb } from '../resp/subscriptions.ts'
import { ReplyError } from './client-errors.ts'
import { type Argument, byDigest, byText, isUnknownScript } from './command.ts'
import type { NodeAddress } from './redirection.ts'
import { type RedisWriter, ReplicatedWriter, type ReplicaWish } from './replicated-writer.ts'
import type { Script } from './script.ts'
import { Watchdog } from './watchdog.ts'

export type { MessageListener } from '../resp/subscriptions.ts'
export type { Argument } from './command.ts'

/** One living connection to a server. Ends once; never reconnects. */
export interface RedisClient extends RedisWriter {
  /** Where it leads; of a cluster, where it began. */
  readonly server: NodeAddress
  /** Settles when the connection has ended: with the reason, or `undefined` after a `destroy()` without. */
  readonly closed: Promise<Error | undefined>
  /** As `send`; strings in the answer are bytes. */
  sendForBytes<Answer>(command: readonly Argument[]): Promise<Answer>
  /** As `run`; strings in the answer are bytes. */
  runForBytes<Answer>(
    script: Script,
    keys: readonly string[],
    args: readonly Argument[],
  ): Promise<Answer>
  /** Writes that replicas confirm as well. */
  confirmedBy(wish: ReplicaWish): RedisWriter
  /** Resolves when the server has confirmed. One listener per name, the latest; it must not throw. */
  subscribe(channel: string, listener: MessageListener): Promise<void>
  unsubscribe(channel: string): Promise<void>
  psubscribe(pattern: string, listener: MessageListener): Promise<void>
  punsubscribe(pattern: string): Promise<void>
  /** The same for a sharded channel; `MOVED` where another node of the cluster has it. Redis 7. */
  ssubscribe(channel: string, listener: MessageListener): Promise<void>
  sunsubscribe(channel: string): Promise<void>
  /** Told of a sharded channel whose subscription the server has ended, as its slot moved to another node. */
  onShardMoved(listener: (channel: string) => void): void
  /** Told of each key that changed since it was read, `undefined` for all. Needs `tracking`. */
  onInvalidated(listener: (key: string | undefined) => void): void
  /** Ends at once; `closed` gets the reason. Commands without an answer reject. Idempotent. */
  destroy(reason?: Error): void
}

/** One server, and how to talk to it. */
export interface ClientTarget extends ConnectionTarget {
  /** Longest time without a byte while an answer is owed. */
  readonly socketTimeoutMs: number
  /** Longest silence before the server is asked for a sign of life. */
  readonly healthCheckIntervalMs: number
}

/**
 * Connects, authenticates and selects the database.
 *
 * @throws {ReplyError} the server refused; whatever the socket or `signal` says otherwise.
 */
export async function openClient(target: ClientTarget, signal: AbortSignal): Promise<RedisClient> {
  return new RespClient(target, await openConnection(target, signal))
}

class RespClient implements RedisClient {
  readonly server: NodeAddress
  readonly #connection: RespConnection

  constructor(target: ClientTarget, connection: RespConnection) {
    const { host, port, socketTimeoutMs, healthCheckIntervalMs } = target
    this.server = { host, port }
    this.#connection = connection
    const watchdog = new Watchdog({
      timeoutMs: socketTimeoutMs,
      healthCheckIntervalMs,
      traffic: connection,
      ping: () => this.#ping(),
      onSilent: (ms) => connection.end(new Error(`the server has not answered for ${ms} ms`)),
    })
    void connection.closed.then(() => watchdog.stop())
  }

  get closed(): Promise<Error | undefined> {
    return this.#connection.closed
  }

  send<Answer>(command: readonly Argument[]): Promise<Answer> {
    return this.#connection.send(command, false)
  }

  sendForBytes<Answer>(command: readonly Argument[]): Promise<Answer> {
    return this.#connection.send(command, true)
  }

  run<Answer>(script: Script, keys: readonly string[], args: readonly Argument[]): Promise<Answer> {
    return this.send<Answer>(byDigest(script, keys, args)).catch((error: unknown) => {
      if (!isUnknownScript(error)) throw error
      return this.send<Answer>(byText(script, keys, args))
    })
  }

  runForBytes<Answer>(
    script: Script,
    keys: readonly string[],
    args: readonly Argument[],
  ): Promise<Answer> {
    return this.sendForBytes<Answer>(byDigest(script, keys, args)).catch((error: unknown) => {
      if (!isUnknownScript(error)) throw error
      return this.sendForBytes<Answer>(byText(script, keys, args))
    })
  }

  confirmedBy(wish: ReplicaWish): RedisWriter {
    return new ReplicatedWriter(this, wish)
  }

  subscribe(channel: string, listener: MessageListener): Promise<void> {
    return this.#change('subscribe', channel, listener)
  }

  unsubscribe(channel: string): Promise<void> {
    return this.#change('unsubscribe', channel)
  }

  psubscribe(pattern: string, listener: MessageListener): Promise<void> {
    return this.#change('psubscribe', pattern, listener)
  }

  punsubscribe(pattern: string): Promise<void> {
    return this.#change('punsubscribe', pattern)
  }

  ssubscribe(channel: string, listener: MessageListener): Promise<void> {
    return this.#change('ssubscribe', channel, listener)
  }

  sunsubscribe(channel: string): Promise<void> {
    return this.#change('sunsubscribe', channel)
  }

  onShardMoved(listener: (channel: string) => void): void {
    this.#connection.onShardMoved(listener)
  }

  onInvalidated(listener: (key: string | undefined) => void): void {
    this.#connection.onInvalidated(listener)
  }

  destroy(reason?: Error): void {
    this.#connection.end(reason)
  }

  #change(verb: SubscriptionVerb, name: string, listener?: MessageListener): Promise<void> {
    return this.#connection.change({ verb, name, listener })
  }

  #ping(): void {
    this.send(['PING']).catch((error: unknown) => {
      // A lost connection has said so itself.
      if (error instanceof ReplyError) this.destroy(error)
    })
  }
}
