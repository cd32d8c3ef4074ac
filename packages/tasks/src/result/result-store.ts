import type { CodecRegistry, Connection } from '@dashi/messaging'
import type { ResultMeta } from './result-meta.ts'

/** Where results are kept. A value: holds options, no connection. Celery's result backend. */
export interface ResultStore {
  readonly name: string
  /** Where it is, without password: for banners and errors. */
  readonly address: string
  /**
   * Opens it. Nothing is awaited that the first use could not await as well: a store that cannot be reached says so then.
   *
   * @throws {TaskError} `BAD_OPTION`.
   */
  open(context: ResultContext): ResultSession
}

/** What a store is given. */
export interface ResultContext {
  /** The app's connection to its broker. Only the `rpc` store uses it. */
  readonly connection: Connection
  readonly codecs: CodecRegistry
  /** Name of the serializer of results. */
  readonly serializer: string
  /** Serializer names or content types that may be read. */
  readonly accept: readonly string[]
  /** How long a result is kept; `undefined` = for ever. */
  readonly expiresMs: number | undefined
  /** Survives a restart of the broker, for stores where that is a choice (`rpc`). */
  readonly persistent: boolean
  /** Longest time that any operation may take. */
  readonly operationTimeoutMs: number
  /** Told of what nobody awaits: a lost subscription, a meta that cannot be read. */
  readonly onWarning: (error: unknown) => void
  /** Writes and reads what is kept, in `serializer`. */
  readonly metas: MetaCodec
}

/** Metas and groups as the bytes that are kept; a string stands for its UTF-8 bytes. */
export interface MetaCodec {
  /** @throws {TaskError} `NOT_ENCODABLE`. */
  write(meta: ResultMeta): Uint8Array | string
  /** @throws {TaskError} `RESULT_STORE_FAILED` it is no meta; a messaging `DecodeError`. */
  read(bytes: Uint8Array, taskId: string): ResultMeta
  writeGroup(result: unknown): Uint8Array | string
  /** @throws as `read`. */
  readGroup(bytes: Uint8Array, groupId: string): unknown
}

/** Told of a task's meta each time it changes, in order. Must not throw. */
export type MetaListener = (meta: ResultMeta) => void

/** Whom a result is for, where the store sends it instead of keeping it. */
export interface ResultAddress {
  readonly replyTo: string
  readonly correlationId: string
}

/**
 * One living use of a store. Every operation ends within `operationTimeoutMs`, reconnects by itself, and rejects with
 * {@link TaskError} `RESULT_STORE_FAILED` or a messaging error when it cannot be done.
 */
export interface ResultSession extends AsyncDisposable {
  /** Where results for this client have to be sent: the `reply_to` of its calls. '' if results are fetched. */
  readonly replyTo: string
  /** Called before a call is published: whatever must exist so that its result cannot be missed. */
  prepare(taskId: string): Promise<void> | undefined
  /**
   * Keeps a meta. A ready state (`SUCCESS`, `FAILURE`, `REVOKED`) is never overwritten by one that is not, and
   * `SUCCESS` by none. What is stored in one turn travels together.
   */
  store(meta: ResultMeta, address: ResultAddress): Promise<void>
  /** @returns undefined when nothing is known of the task. */
  load(taskId: string): Promise<ResultMeta | undefined>
  /**
   * Tells a listener what is known now, if anything, and then of each change, until the returned function is called. Nothing
   * is missed between the two, nor across a reconnect. Resolves when it listens.
   */
  watch(taskId: string, listener: MetaListener): Promise<() => void>
  /** Forgets a result. */
  forget(taskId: string): Promise<void>
  /** Keeps what belongs to a group: `[[group id, parent], [child tuples]]`. */
  storeGroup(groupId: string, result: unknown): Promise<void>
  loadGroup(groupId: string): Promise<unknown>
  forgetGroup(groupId: string): Promise<void>
  /** Removes what has expired, where the store does not do so by itself. @returns how many. */
  cleanup(): Promise<number>
  close(): Promise<void>
}
