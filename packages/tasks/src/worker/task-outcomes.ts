import type { App } from '../app/app.ts'
import { TaskError, TaskRevokedError, TimeLimitExceededError, WorkerLostError } from '../errors.ts'
import type { JobOutcome } from '../pool/pool.ts'
import { pythonRepr } from '../protocol/python-repr.ts'
import { encodeException } from '../result/encode-exception.ts'
import type { TaskState } from '../result/result-meta.ts'
import type { TaskLogger } from '../task/task-logger.ts'
import type { DeadLetters } from './dead-letters.ts'
import { logLines } from './log-lines.ts'
import { metaOf } from './meta-of.ts'
import type { Redelivery } from './redelivery.ts'
import type { Reservation } from './reservation.ts'
import { isNotEncodable, type ResultWriter } from './result-writer.ts'

/** What ending a task needs. */
export interface TaskOutcomesParts {
  readonly app: App
  readonly hostname: string
  readonly results: ResultWriter
  readonly redelivery: Redelivery
  readonly deadLetters: DeadLetters
  readonly logger: TaskLogger
}

type Of<Kind extends JobOutcome['kind']> = Extract<JobOutcome, { readonly kind: Kind }>

/**
 * Ends a task as its outcome says: the result is stored first, its message settled then, so that a worker that dies in
 * between does it again rather than never. Which outcome settles how: Celery's table, see `TaskOptions`.
 */
export class TaskOutcomes {
  readonly #parts: TaskOutcomesParts
  readonly #tellsAll: boolean

  constructor(parts: TaskOutcomesParts) {
    this.#parts = parts
    this.#tellsAll = parts.logger.isLevelEnabled?.('info') ?? true
  }

  /**
   * Nothing to await where nothing has to be stored: the usual task without a result costs no promise.
   *
   * @returns rejects when the end could not be told to the broker or the store: the message stays unsettled.
   */
  end(reservation: Reservation, outcome: JobOutcome, startedAt: number): Promise<void> | undefined {
    switch (outcome.kind) {
      case 'success':
        return this.#succeeded(reservation, outcome.value, startedAt)
      case 'failure':
        return this.#failed(reservation, outcome)
      case 'retry':
        return this.#retried(reservation, outcome)
      case 'timeout':
        return this.#timedOut(reservation, outcome)
      case 'lost':
        return this.#lost(reservation, outcome)
      case 'terminated':
        return this.#terminated(reservation)
      case 'reject':
        return this.#rejected(reservation, outcome)
      default:
        this.#parts.logger.info(logLines.ignored(reservation.request))
        acknowledge(reservation)
        return undefined
    }
  }

  #succeeded(
    reservation: Reservation,
    value: unknown,
    startedAt: number,
  ): Promise<void> | undefined {
    const { results, logger } = this.#parts
    if (this.#tellsAll) {
      const seconds = (performance.now() - startedAt) / 1000
      logger.info(logLines.succeeded(reservation.request, seconds, value))
    }
    if (results.keeps(reservation)) return this.#storeSuccess(reservation, value)
    acknowledge(reservation)
    return undefined
  }

  async #storeSuccess(reservation: Reservation, value: unknown): Promise<void> {
    try {
      await this.#store(reservation, 'SUCCESS', value)
    } catch (error) {
      if (!isNotEncodable(error)) throw error
      return await this.#failed(reservation, { kind: 'failure', error, traceback: undefined })
    }
    acknowledge(reservation)
  }

  async #failed(reservation: Reservation, { error, traceback }: Of<'failure'>): Promise<void> {
    this.#logFailure(reservation, error, traceback)
    await this.#storeError(reservation, { state: 'FAILURE', error, traceback })
    const { acksOnFailure = this.#parts.app.settings.taskAcksOnFailureOrTimeout } =
      reservation.task.options
    if (acksOnFailure) acknowledge(reservation)
    else await this.#parts.deadLetters.add(reservation.message, error)
  }

  async #retried(reservation: Reservation, { retry }: Of<'retry'>): Promise<void> {
    const { etaMs, reason, traceback } = retry
    await this.#parts.redelivery.retry(reservation, retry)
    const seconds = etaMs === undefined ? undefined : Math.round((etaMs - Date.now()) / 1000)
    this.#parts.logger.info(logLines.retried(reservation.request, seconds, textOf(reason)))
    await this.#storeError(reservation, { state: 'RETRY', error: reason, traceback })
    acknowledge(reservation)
  }

  async #timedOut(reservation: Reservation, { limitMs }: Of<'timeout'>): Promise<void> {
    const seconds = limitMs / 1000
    this.#parts.logger.error(logLines.hardLimit(reservation.request, seconds))
    const error = new TimeLimitExceededError(`TimeLimitExceeded(${seconds})`)
    await this.#storeError(reservation, { state: 'FAILURE', error })
    const { acksOnTimeout = this.#parts.app.settings.taskAcksOnFailureOrTimeout } =
      reservation.task.options
    if (acksOnTimeout) acknowledge(reservation)
    else reservation.message.requeue()
  }

  /** Back to its queue, so many times; then it counts as poison. */
  async #lost(reservation: Reservation, { reason }: Of<'lost'>): Promise<void> {
    const { app, redelivery, deadLetters } = this.#parts
    const { rejectOnWorkerLost = app.settings.taskRejectOnWorkerLost } = reservation.task.options
    if (rejectOnWorkerLost && (await redelivery.afterKill(reservation, reason))) return
    const error = new WorkerLostError(reason)
    this.#logFailure(reservation, error, undefined)
    await this.#storeError(reservation, { state: 'FAILURE', error })
    const isPoison = rejectOnWorkerLost && !reservation.message.acknowledged
    if (isPoison) await deadLetters.add(reservation.message, error)
    else acknowledge(reservation)
  }

  async #terminated(reservation: Reservation): Promise<void> {
    const error = new TaskRevokedError('terminated')
    await this.#storeError(reservation, { state: 'REVOKED', error })
    acknowledge(reservation)
  }

  async #rejected(reservation: Reservation, { reason, requeue }: Of<'reject'>): Promise<void> {
    this.#parts.logger.warn(logLines.rejected(reservation.request, requeue, reason))
    if (requeue) reservation.message.requeue()
    else
      await this.#parts.deadLetters.add(reservation.message, new TaskError('TASK_FAILED', reason))
  }

  async #storeError(
    reservation: Reservation,
    { state, error, traceback }: StoredError,
  ): Promise<void> {
    if (!this.#parts.results.keepsErrors(reservation)) return
    await this.#store(reservation, state, encodeException(error), traceback)
  }

  #store(
    reservation: Reservation,
    status: TaskState,
    ...[result, traceback]: [result: unknown, traceback?: string | undefined]
  ): Promise<void> {
    const { app, hostname, results } = this.#parts
    const extended = app.settings.resultExtended ? hostname : undefined
    return results.store(reservation, metaOf(reservation, { status, result, traceback, extended }))
  }

  #logFailure(reservation: Reservation, error: unknown, traceback: string | undefined): void {
    const { logger } = this.#parts
    const { throws = [] } = reservation.task.options
    const isExpected = throws.some((expected) => error instanceof expected)
    if (isExpected) logger.info(logLines.expected(reservation.request, textOf(error)))
    else logger.error(withTraceback(logLines.failed(reservation.request, textOf(error)), traceback))
  }
}

interface StoredError {
  readonly state: TaskState
  readonly error: unknown
  readonly traceback?: string | undefined
}

/** Early acknowledgement has been before. */
function acknowledge({ message }: Reservation): void {
  if (!message.acknowledged) message.ack()
}

/** As Python would print it: `ValueError('boom')`. */
function textOf(error: unknown): string {
  if (!(error instanceof Error)) return pythonRepr(error)
  return `${error.name}(${pythonRepr(error.message)})`
}

function withTraceback(line: string, traceback: string | undefined): string {
  return traceback === undefined ? line : `${line}\n${traceback}`
}
