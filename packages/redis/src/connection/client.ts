/**
 * The subset of a Redis client that this package uses. The only file that knows the library.
 *
 * Why this library: `docs/internals/decisions/redis-client.md`.
 */
import { isIP } from 'node:net'
import type { ConnectionOptions } from 'node:tls'
import {
  ClientClosedError,
  ClientOfflineError,
  createClient,
  ErrorReply,
  RESP_TYPES,
  type RedisClientOptions,
} from '@redis/client'
import { LostError, ReplyError } from './client-errors.ts'
import { type Argument, byDigest, byText, isUnknownScript } from './command.ts'
import type { NodeAddress } from './redirection.ts'
import { type RedisWriter, ReplicatedWriter, type ReplicaWish } from './replicated-writer.ts'
import type { Script } from './script.ts'
import { TurnKeeper } from './turn-keeper.ts'
import { Watchdog } from './watchdog.ts'

export type { Argument } from './command.ts'

/** A message that was published. */
export type MessageListener = (payload: Buffer, channel: string) => void

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
  /** Resolves when the server has confirmed. The listener must not throw. */
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
export interface ClientTarget {
  readonly host: string
  readonly port: number
  /** A unix socket, instead of host and port. */
  readonly path: string | undefined
  readonly tls: ConnectionOptions | undefined
  readonly username: string | undefined
  readonly password: string | undefined
  readonly database: number
  readonly clientName: string
  readonly socketTimeoutMs: number
  readonly socketConnectTimeoutMs: number
  readonly socketKeepalive: boolean
  readonly socketKeepaliveIdleMs: number
  readonly healthCheckIntervalMs: number
  /** Whether the server shall tell about changed keys. */
  readonly tracking: boolean
}

const asBytes = { timeout: 0, typeMapping: { [RESP_TYPES.BLOB_STRING]: Buffer } }
const asText = { timeout: 0 }

/**
 * Connects, authenticates and selects the database.
 *
 * @throws {ReplyError} the server refused; whatever the socket or `signal` says otherwise.
 */
export async function openClient(target: ClientTarget, signal: AbortSignal): Promise<RedisClient> {
  signal.throwIfAborted()
  const client = new LibraryClient(target)
  const onAbort = () => client.destroy()
  signal.addEventListener('abort', onAbort, { once: true })
  try {
    await client.connect()
    signal.throwIfAborted()
    return client
  } catch (error) {
    client.destroy()
    throw signal.aborted ? signal.reason : readable(error)
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}

class LibraryClient implements RedisClient {
  readonly server: NodeAddress
  readonly #library: ReturnType<typeof newClient>
  readonly #watchdog: Watchdog
  readonly #turns = new TurnKeeper()
  readonly #ended = Promise.withResolvers<Error | undefined>()
  #reason: Error | undefined

  constructor(target: ClientTarget) {
    this.server = { host: target.host, port: target.port }
    this.#library = newClient(target)
    // It goes on after an answer that it could not read: every later answer would be another command's.
    this.#library.on('error', (error: Error) => this.#end(error))
    this.#watchdog = new Watchdog({
      timeoutMs: target.socketTimeoutMs,
      healthCheckIntervalMs: target.healthCheckIntervalMs,
      ping: () => this.#ping(),
      onSilent: (ms) => this.#end(new Error(`the server has not answered for ${ms} ms`)),
    })
  }

  get closed(): Promise<Error | undefined> {
    return this.#ended.promise
  }

  async connect(): Promise<void> {
    await this.#library.connect()
  }

  send<Answer>(command: readonly Argument[]): Promise<Answer> {
    return this.#answerOf(this.#library.sendCommand<Answer>(command, asText))
  }

  sendForBytes<Answer>(command: readonly Argument[]): Promise<Answer> {
    return this.#answerOf(this.#library.sendCommand<Answer>(command, asBytes))
  }

  async run<Answer>(
    script: Script,
    keys: readonly string[],
    args: readonly Argument[],
  ): Promise<Answer> {
    try {
      return await this.send(byDigest(script, keys, args))
    } catch (error) {
      if (!isUnknownScript(error)) throw error
      return await this.send(byText(script, keys, args))
    }
  }

  async runForBytes<Answer>(
    script: Script,
    keys: readonly string[],
    args: readonly Argument[],
  ): Promise<Answer> {
    try {
      return await this.sendForBytes(byDigest(script, keys, args))
    } catch (error) {
      if (!isUnknownScript(error)) throw error
      return await this.sendForBytes(byText(script, keys, args))
    }
  }

  confirmedBy(wish: ReplicaWish): RedisWriter {
    return new ReplicatedWriter(this, wish)
  }

  subscribe(channel: string, listener: MessageListener): Promise<void> {
    const subscribe = () => this.#library.subscribe(channel, withText(listener), true)
    return this.#change(`channel ${channel}`, subscribe)
  }

  unsubscribe(channel: string): Promise<void> {
    return this.#change(`channel ${channel}`, () => this.#library.unsubscribe(channel))
  }

  psubscribe(pattern: string, listener: MessageListener): Promise<void> {
    const subscribe = () => this.#library.pSubscribe(pattern, withText(listener), true)
    return this.#change(`pattern ${pattern}`, subscribe)
  }

  punsubscribe(pattern: string): Promise<void> {
    return this.#change(`pattern ${pattern}`, () => this.#library.pUnsubscribe(pattern))
  }

  ssubscribe(channel: string, listener: MessageListener): Promise<void> {
    const subscribe = () => this.#library.sSubscribe(channel, withText(listener), true)
    return this.#change(`shard ${channel}`, subscribe)
  }

  sunsubscribe(channel: string): Promise<void> {
    return this.#change(`shard ${channel}`, () => this.#library.sUnsubscribe(channel))
  }

  onShardMoved(listener: (channel: string) => void): void {
    this.#library.on('sharded-channel-moved', (channel: string) => listener(channel))
  }

  onInvalidated(listener: (key: string | undefined) => void): void {
    this.#library.on('invalidate', (key: Buffer | null) => listener(key?.toString()))
  }

  destroy(reason?: Error): void {
    this.#end(reason)
  }

  #end(reason: Error | undefined): void {
    this.#reason ??= reason
    this.#watchdog.stop()
    this.#ended.resolve(reason)
    this.#library.destroy()
  }

  #ping(): void {
    this.send(['PING']).catch((error: unknown) => {
      // A lost connection has said so itself.
      if (error instanceof ReplyError) this.#end(error)
    })
  }

  /** A subscribe right behind an unsubscribe of the same name gets lost in the library. */
  #change(name: string, change: () => Promise<void>): Promise<void> {
    return this.#answerOf(this.#turns.take(name, change))
  }

  /** Two callbacks, not an async function: every command passes here, and each hop of a promise costs. */
  #answerOf<Answer>(answer: Promise<Answer>): Promise<Answer> {
    this.#watchdog.sent()
    return answer.then(
      (value) => {
        this.#watchdog.answered()
        return value
      },
      (error: unknown) => {
        this.#watchdog.answered()
        throw readable(error, this.#reason)
      },
    )
  }
}

function newClient(target: ClientTarget) {
  const options: RedisClientOptions = {
    socket: socketOptions(target),
    database: target.database,
    name: target.clientName,
    RESP: 3,
    emitInvalidate: target.tracking,
    disableOfflineQueue: true,
    maintNotifications: 'disabled',
    clientInfoTag: 'dashi',
    commandOptions: asText,
  }
  if (target.username !== undefined) options.username = target.username
  if (target.password !== undefined) options.password = target.password
  return createClient(options)
}

function socketOptions(target: ClientTarget): NonNullable<RedisClientOptions['socket']> {
  const shared = {
    connectTimeout: target.socketConnectTimeoutMs,
    reconnectStrategy: false as const,
    keepAlive: target.socketKeepalive,
    keepAliveInitialDelay: target.socketKeepaliveIdleMs,
  }
  if (target.path !== undefined) return { ...shared, path: target.path, tls: false }
  const { host, port } = target
  if (target.tls === undefined) return { ...shared, host, port, tls: false }
  // An address is no name (RFC 6066); Node checks the certificate against the host all the same.
  const name = isIP(host) === 0 ? { servername: host } : {}
  return { ...shared, ...name, ...target.tls, host, port, tls: true }
}

function withText(listener: MessageListener): (payload: Buffer, channel: Buffer) => void {
  return (payload, channel) => listener(payload, channel.toString())
}

/** @param reason Why the connection ended, if it did; what the library says of that is "Disconnects client". */
function readable(error: unknown, reason?: Error): unknown {
  if (error instanceof ErrorReply) return new ReplyError(error.message, { cause: error })
  if (error instanceof ReplyError || error instanceof LostError || !(error instanceof Error)) {
    return error
  }
  const wasSent = !(error instanceof ClientClosedError || error instanceof ClientOfflineError)
  return new LostError((reason ?? error).message, { cause: reason ?? error, wasSent })
}
