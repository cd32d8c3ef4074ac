/**
 * Gathers what one turn of the event loop publishes, so that a store is asked once per turn.
 *
 * A batch that the broker definitely refuses is tried again one by one: a bad message must not take
 * its neighbours with it.
 */
import { withDeadline } from '../deadline.ts'
import { ConnectionError, OutcomeUnknownError, TimeoutError } from '../errors.ts'
import type { ConnectOptions } from '../transport/transport.ts'

/** Hands a batch to the store. Resolves with an answer per item, in order. */
export type SendBatch<Item, Result> = (items: readonly Item[]) => Promise<readonly Result[]>

/** What bounds a batch, and who is told of its success. */
export type PutBatchOptions = Pick<ConnectOptions, 'publishTimeoutMs' | 'onConfirmed'>

interface Pending<Item, Result> {
  readonly item: Item
  readonly answer: PromiseWithResolvers<Result>
}

/** Sends items in batches, one per turn. */
export class PutBatch<Item, Result> {
  readonly #send: SendBatch<Item, Result>
  readonly #options: PutBatchOptions
  #pending: Pending<Item, Result>[] = []
  readonly #underWay = new Set<Promise<void>>()

  constructor(send: SendBatch<Item, Result>, options: PutBatchOptions) {
    this.#send = send
    this.#options = options
  }

  /** Resolves with the store's answer for this item. */
  add(item: Item): Promise<Result> {
    if (this.#pending.length === 0) process.nextTick(() => this.#flush())
    const answer = Promise.withResolvers<Result>()
    this.#pending.push({ item, answer })
    return answer.promise
  }

  /** Resolves when everything added before has its answer. */
  async done(): Promise<void> {
    this.#flush()
    while (this.#underWay.size > 0) await Promise.all(this.#underWay)
  }

  #flush(): void {
    if (this.#pending.length === 0) return
    const batch = this.#pending
    this.#pending = []
    this.#sendAll(batch, (error) => this.#refused(batch, error))
  }

  #refused(batch: readonly Pending<Item, Result>[], error: unknown): void {
    if (batch.length > 1 && !isFinal(error)) {
      for (const one of batch) this.#sendAll([one], one.answer.reject)
    } else {
      for (const { answer } of batch) answer.reject(error)
    }
  }

  #sendAll(batch: readonly Pending<Item, Result>[], onRefusal: (error: unknown) => void): void {
    const sent = this.#send(batch.map(({ item }) => item))
    const answered = this.#bounded(sent).then((results) => {
      answerAll(batch, results)
      this.#options.onConfirmed?.(batch.length)
    }, onRefusal)
    this.#underWay.add(answered)
    void answered.finally(() => this.#underWay.delete(answered))
  }

  /** One deadline for the batch: nothing per message. */
  async #bounded(sent: Promise<readonly Result[]>): Promise<readonly Result[]> {
    const { publishTimeoutMs: timeoutMs } = this.#options
    try {
      return await withDeadline(sent, { timeoutMs, what: 'Publishing' })
    } catch (error) {
      throw error instanceof TimeoutError ? unconfirmed(timeoutMs) : error
    }
  }
}

function answerAll<Item, Result>(
  batch: readonly Pending<Item, Result>[],
  results: readonly Result[],
): void {
  for (const [index, { answer }] of batch.entries()) {
    if (index < results.length)
      answer.resolve(results[index] as Result) // in range: checked just before
    else answer.reject(tooFewAnswers(batch.length, results.length))
  }
}

function tooFewAnswers(asked: number, answered: number): OutcomeUnknownError {
  return new OutcomeUnknownError(
    `The store gave ${answered} answers for ${asked} messages: what became of the rest is unknown`,
  )
}

function unconfirmed(timeoutMs: number): OutcomeUnknownError {
  return new OutcomeUnknownError(
    `The broker did not confirm the message within ${timeoutMs} ms: it may or may not have it. ` +
      'Publish again if a duplicate is harmless, or raise `operationTimeoutMs`',
  )
}

/** Trying again could duplicate, or is pointless. */
function isFinal(error: unknown): boolean {
  return error instanceof OutcomeUnknownError || error instanceof ConnectionError
}
