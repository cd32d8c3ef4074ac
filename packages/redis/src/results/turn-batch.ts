import { LostError } from '../connection/client-errors.ts'
import type { LinkedClient, RedisLink } from '../connection/redis-link.ts'
import { operationError } from '../errors.ts'

/** What a batch does. */
export interface TurnBatchParts<Item, Answer> {
  readonly link: RedisLink
  readonly timeoutMs: number
  /** Does one; it must be harmless to do it twice. */
  readonly run: (client: LinkedClient['client'], item: Item) => Promise<Answer>
  /** For messages, e.g. `read the result of task x`. */
  readonly doing: (item: Item) => string
}

interface Pending<Item, Answer> {
  readonly item: Item
  resolve(answer: Answer): void
  reject(error: unknown): void
}

/** Commands of one turn of the event loop, sent together, under one deadline. Each succeeds or fails by itself. */
export class TurnBatch<Item, Answer> {
  readonly #parts: TurnBatchParts<Item, Answer>
  #pending: Pending<Item, Answer>[] = []

  constructor(parts: TurnBatchParts<Item, Answer>) {
    this.#parts = parts
  }

  add(item: Item): Promise<Answer> {
    const { promise, resolve, reject } = Promise.withResolvers<Answer>()
    if (this.#pending.length === 0) queueMicrotask(() => void this.#flush())
    this.#pending.push({ item, resolve, reject })
    return promise
  }

  async #flush(): Promise<void> {
    const batch = this.#pending
    this.#pending = []
    const { link, timeoutMs, doing } = this.#parts
    const [first] = batch
    if (first === undefined) return
    const more = batch.length > 1 ? `, and ${batch.length - 1} more like it` : ''
    try {
      const answers = await link.use(({ client }) => this.#send(client, batch), {
        doing: `${doing(first.item)}${more}`,
        signal: AbortSignal.timeout(timeoutMs),
        isHarmlessTwice: true,
      })
      for (const [index, answer] of answers.entries()) this.#settle(batch[index], answer)
    } catch (error) {
      for (const { reject } of batch) reject(error)
    }
  }

  /** @throws {LostError} the connection was lost: all are sent again. */
  async #send(
    client: LinkedClient['client'],
    batch: readonly Pending<Item, Answer>[],
  ): Promise<readonly PromiseSettledResult<Answer>[]> {
    const { run } = this.#parts
    const answers = await Promise.allSettled(batch.map(({ item }) => run(client, item)))
    for (const answer of answers) {
      if (answer.status === 'rejected' && answer.reason instanceof LostError) throw answer.reason
    }
    return answers
  }

  #settle(pending: Pending<Item, Answer> | undefined, answer: PromiseSettledResult<Answer>): void {
    if (pending === undefined) return
    if (answer.status === 'fulfilled') pending.resolve(answer.value)
    else pending.reject(operationError(answer.reason, this.#parts.doing(pending.item)))
  }
}
