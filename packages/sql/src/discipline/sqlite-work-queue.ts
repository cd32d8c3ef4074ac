import type { PopOptions, PushOptions, WorkQueue } from '@dashi/messaging'
import type { ItemOrder } from '../sql-database.ts'
import { type ItemCodec, jsonItems } from './item-codec.ts'
import { SqliteFile, type SqliteFileOptions } from './sqlite-file.ts'

/** Options of the plain queues. */
export interface SqliteWorkQueueOptions<Item> {
  /** How items become values of the database. Default JSON. */
  readonly codec?: ItemCodec<Item> | undefined
}

/** What tells the disciplines apart. */
export interface Discipline {
  readonly order: ItemOrder
  readonly hasPriorities: boolean
}

/** What the queues of this folder have in common. */
export class SqliteWorkQueue<Item> implements WorkQueue<Item> {
  /** Tells the queues of a file apart. */
  readonly name: string
  readonly #file: SqliteFile
  readonly #ownsFile: boolean
  readonly #codec: ItemCodec<Item>
  readonly #discipline: Discipline

  protected constructor(
    file: SqliteFile | SqliteFileOptions | string,
    name: string,
    parts: SqliteWorkQueueOptions<Item> & { readonly discipline: Discipline },
  ) {
    this.name = name
    this.#ownsFile = !(file instanceof SqliteFile)
    this.#file = file instanceof SqliteFile ? file : new SqliteFile(file)
    this.#codec = parts.codec ?? jsonItems()
    this.#discipline = parts.discipline
  }

  /**
   * Resolves when the item is on disk.
   *
   * @throws {PublishError} `TIMED_OUT`, `REFUSED`; {OutcomeUnknownError}.
   */
  async push(item: Item, { priority = 0 }: PushOptions = {}): Promise<void> {
    const request = {
      queue: this.name,
      item: this.#codec.encode(item),
      priority: this.#discipline.hasPriorities ? priority : 0,
    }
    const database = await this.#file.open()
    await database.execute('pushItem', request)
  }

  /** @returns `undefined` when there was none within `timeoutMs`. */
  async pop(options: PopOptions = {}): Promise<Item | undefined> {
    const { timeoutMs = 0, signal } = options
    signal?.throwIfAborted()
    const item = await this.#popOne()
    if (item !== undefined || timeoutMs <= 0) return this.#decoded(item)
    return await this.#popLater(timeoutMs, signal)
  }

  async #popLater(timeoutMs: number, signal: AbortSignal | undefined): Promise<Item | undefined> {
    const deadline = AbortSignal.timeout(Math.ceil(timeoutMs))
    const either = signal === undefined ? deadline : AbortSignal.any([signal, deadline])
    while (!either.aborted) {
      const database = await this.#file.open()
      await database.wait({ of: 'items', queues: [this.name] }, either)
      signal?.throwIfAborted()
      const item = await this.#popOne()
      if (item !== undefined) return this.#decoded(item)
    }
    signal?.throwIfAborted()
    return undefined
  }

  async #popOne(): Promise<string | Uint8Array | undefined> {
    const database = await this.#file.open()
    return await database.execute('popItem', { queue: this.name, order: this.#discipline.order })
  }

  #decoded(item: string | Uint8Array | undefined): Item | undefined {
    if (item === undefined) return undefined
    return this.#codec.decode(typeof item === 'string' ? Buffer.from(item) : item)
  }

  /** Number of items that wait. */
  async size(): Promise<number> {
    const database = await this.#file.open()
    return await database.execute('countItems', this.name)
  }

  /** Removes all items. */
  async clear(): Promise<void> {
    const database = await this.#file.open()
    await database.execute('clearItems', this.name)
  }

  /** Lets go of the file, unless it was given. The items stay. */
  async close(): Promise<void> {
    if (this.#ownsFile) await this.#file.close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}
