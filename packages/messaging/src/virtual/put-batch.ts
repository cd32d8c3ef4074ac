/**
 * Gathers what one turn of the event loop publishes, so that a store is asked once per turn.
 *
 * A batch that the broker definitely refuses is tried again one by one: a bad message must not take
 * its neighbours with it.
 */
import { ConnectionError, OutcomeUnknownError } from '../errors.ts'
import type { ConnectOptions } from '../transport/transport.ts'

/** Hands a batch to the store. Resolves with an answer per item, in order. */
export type SendBatch<Item, Result> = (items: readonly Item[]) => Promise<readonly Result[]>

/** What bounds a batch, and who is told of its success. */
export type PutBatchOptions = Pick<ConnectOptions, 'publishTimeoutMs' | 'onConfirmed'>

interface Pending<Item, Result> {
  readonly item: Item
  readonly answer: PromiseWithResolvers<Result>
}

/** A batch that the store has and has not answered yet. */
interface Flight {
  readonly untilMs: number
  readonly onLate: () => void
}

/** Sends items in batches, one per turn, each with a deadline. */
export class PutBatch<Item, Result> {
  readonly #send: SendBatch<Item, Result>
  readonly #options: PutBatchOptions
  readonly #flights = new Set<Flight>()
  #pending: Pending<Item, Result>[] = []
  #landed: PromiseWithResolvers<void> | undefined
  #clock: NodeJS.Timeout | undefined

  constructor(send: SendBatch<Item, Result>, options: PutBatchOptions) {
    this.#send = send
    this.#options = options
  }

  /** Resolves with the store's answer for this item. */
  add(item: Item): Promise<Result> {
    if (this.#pending.length === 0) process.nextTick(this.#flush)
    const answer = Promise.withResolvers<Result>()
    this.#pending.push({ item, answer })
    return answer.promise
  }

  /** Resolves when everything added before has its answer. */
  async done(): Promise<void> {
    this.#flush()
    while (this.#flights.size > 0) {
      this.#landed ??= Promise.withResolvers()
      await this.#landed.promise
    }
  }

  readonly #flush = (): void => {
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
    const { publishTimeoutMs, onConfirmed } = this.#options
    const flight = this.#depart(() => onRefusal(unconfirmed(publishTimeoutMs)))
    this.#send(batch.map(({ item }) => item)).then(
      (results) => {
        if (!this.#land(flight)) return
        answerAll(batch, results)
        onConfirmed?.(batch.length)
      },
      (error: unknown) => this.#land(flight) && onRefusal(error),
    )
  }

  #depart(onLate: () => void): Flight {
    const { publishTimeoutMs } = this.#options
    const flight = { untilMs: performance.now() + publishTimeoutMs, onLate }
    this.#flights.add(flight)
    this.#clock ??= setInterval(() => this.#look(), tickMs(publishTimeoutMs)).unref()
    return flight
  }

  /** @returns false when its deadline has ended it before. */
  #land(flight: Flight): boolean {
    const isOnTime = this.#flights.delete(flight)
    if (this.#flights.size === 0 && this.#landed) {
      this.#landed.resolve()
      this.#landed = undefined
    }
    return isOnTime
  }

  /** One clock for all batches; it stops when there is nothing to look after. */
  #look(): void {
    const now = performance.now()
    for (const flight of this.#flights) {
      if (flight.untilMs > now) break
      this.#land(flight)
      flight.onLate()
    }
    if (this.#flights.size > 0) return
    clearInterval(this.#clock)
    this.#clock = undefined
  }
}

/** A deadline may be late by this much. */
function tickMs(timeoutMs: number): number {
  return Math.max(10, Math.min(1000, timeoutMs / 4))
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
