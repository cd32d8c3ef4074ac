import type { PopOptions, PushOptions, WorkQueue } from '@dashi/messaging'
import { OutcomeUnknownError } from '@dashi/messaging/transport'
import type { Argument } from '../connection/client.ts'
import { LostError } from '../connection/client-errors.ts'
import { type LinkedClient, RedisLink } from '../connection/redis-link.ts'
import type { RedisServerOptions } from '../options.ts'
import { type ItemCodec, jsonItems } from './item-codec.ts'

/** Options of the plain queues. */
export interface RedisWorkQueueOptions<Item> {
  /** How items become values of Redis. Default JSON. */
  readonly codec?: ItemCodec<Item> | undefined
}

/** What tells the disciplines apart. */
export interface Discipline {
  readonly push: (key: string, value: Argument, priority: number) => readonly Argument[]
  /** Takes one. */
  readonly pop: (key: string) => readonly string[]
  /** The value in the answer to `pop`. */
  readonly valueIn: (answer: unknown) => unknown
  readonly size: (key: string) => readonly string[]
}

/** What the queues of this folder have in common. */
export class RedisWorkQueue<Item> implements WorkQueue<Item> {
  /** The key in Redis. */
  readonly key: string
  readonly #link: RedisLink
  readonly #ownsLink: boolean
  readonly #codec: ItemCodec<Item>
  readonly #discipline: Discipline

  protected constructor(
    server: RedisLink | string | RedisServerOptions,
    key: string,
    parts: RedisWorkQueueOptions<Item> & { readonly discipline: Discipline },
  ) {
    this.key = key
    this.#ownsLink = !(server instanceof RedisLink)
    this.#link = server instanceof RedisLink ? server : new RedisLink(server)
    this.#codec = parts.codec ?? jsonItems()
    this.#discipline = parts.discipline
  }

  /**
   * Resolves when Redis has the item.
   *
   * @throws {OutcomeUnknownError} the connection was lost before the answer.
   */
  async push(item: Item, { priority = 0 }: PushOptions = {}): Promise<void> {
    const command = this.#discipline.push(this.key, bytesOf(this.#codec.encode(item)), priority)
    await this.#link.use(({ client }) => client.send(command).catch(unknownIfSent), {
      doing: this.#doing('push to'),
    })
  }

  /**
   * Takes the next item; two takers never get the same.
   *
   * An item whose answer is lost on the way is lost: use a message queue where that matters.
   *
   * @returns `undefined` when there was none within `timeoutMs`.
   */
  async pop(options: PopOptions = {}): Promise<Item | undefined> {
    const { timeoutMs = 0, signal } = options
    signal?.throwIfAborted()
    const bytes = await this.#popOne()
    if (bytes !== undefined || timeoutMs <= 0) return this.#decoded(bytes)
    return await this.#popLater(timeoutMs, signal)
  }

  /** Number of items that wait. */
  size(): Promise<number> {
    const command = this.#discipline.size(this.key)
    return this.#link.use(({ client }) => client.send<number>(command), {
      doing: this.#doing('count'),
      isHarmlessTwice: true,
    })
  }

  /** Removes all items. */
  async clear(): Promise<void> {
    await this.#link.use(({ client }) => client.send(['DEL', this.key]), {
      doing: this.#doing('clear'),
      isHarmlessTwice: true,
    })
  }

  /** Ends the connection, unless it was given. The items stay. */
  async close(): Promise<void> {
    if (this.#ownsLink) await this.#link.close()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  async #popLater(timeoutMs: number, signal: AbortSignal | undefined): Promise<Item | undefined> {
    const deadline = AbortSignal.timeout(Math.ceil(timeoutMs))
    const either = signal === undefined ? deadline : AbortSignal.any([signal, deadline])
    while (!either.aborted) {
      await this.#wait(either)
      signal?.throwIfAborted()
      const bytes = await this.#popOne()
      if (bytes !== undefined) return this.#decoded(bytes)
    }
    signal?.throwIfAborted()
    return undefined
  }

  /** Until there may be an item, or the signal aborts. Takes nothing, so that aborting loses nothing. */
  #wait(signal: AbortSignal): Promise<void> {
    return this.#link.use(({ watch }) => watch.wait([this.key], signal), {
      doing: this.#doing('wait for'),
      signal,
      isHarmlessTwice: true,
    })
  }

  async #popOne(): Promise<Buffer | undefined> {
    const { pop, valueIn } = this.#discipline
    const take = ({ client }: LinkedClient) => client.sendForBytes<unknown>(pop(this.key))
    const value = valueIn(await this.#link.use(take, { doing: this.#doing('pop from') }))
    return value instanceof Buffer ? value : undefined
  }

  #decoded(bytes: Buffer | undefined): Item | undefined {
    return bytes === undefined ? undefined : this.#codec.decode(bytes)
  }

  #doing(verb: string): string {
    return `${verb} the Redis queue "${this.key}"`
  }
}

function bytesOf(value: string | Uint8Array): Argument {
  if (typeof value === 'string' || value instanceof Buffer) return value
  return Buffer.from(value.buffer, value.byteOffset, value.byteLength)
}

function unknownIfSent(error: unknown): never {
  if (!(error instanceof LostError && error.wasSent)) throw error
  throw new OutcomeUnknownError(
    `Cannot tell whether Redis has the item: the connection was lost before the answer (${error.message})`,
    { cause: error },
  )
}
