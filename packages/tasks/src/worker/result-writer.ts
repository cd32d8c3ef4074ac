import { setTimeout as sleep } from 'node:timers/promises'
import type { App } from '../app/app.ts'
import type { TaskRequest } from '../protocol/task-request.ts'
import type { ResultMeta } from '../result/result-meta.ts'
import type { TaskLogger } from '../task/task-logger.ts'
import type { Reservation } from './reservation.ts'

const firstPauseMs = 100
const longestPauseMs = 10_000

/** What a result writer works with. */
export interface ResultWriterParts {
  readonly app: App
  readonly logger: TaskLogger
  /** Aborts when the worker must end: what is not stored by then is delivered again. */
  readonly signal: AbortSignal
}

/** Whose result it is. */
export interface ResultOwner {
  readonly request: Pick<TaskRequest, 'id' | 'task' | 'replyTo' | 'correlationId'>
}

/** Stores results for a worker, for as long as it takes: a result store that is down costs time, not results. */
export class ResultWriter {
  readonly #parts: ResultWriterParts

  constructor(parts: ResultWriterParts) {
    this.#parts = parts
  }

  /** Whether a success of this task is kept. The message decides, else the task, else the setting. */
  keeps({ request, task }: Reservation): boolean {
    const { app } = this.#parts
    if (!app.hasResults) return false
    return !(request.ignoreResult ?? task.options.ignoreResult ?? app.settings.taskIgnoreResult)
  }

  /** Whether an error is. */
  keepsErrors(reservation: Reservation): boolean {
    const { app } = this.#parts
    const { storeErrorsEvenIfIgnored = app.settings.taskStoreErrorsEvenIfIgnored } =
      reservation.task.options
    return this.keeps(reservation) || (app.hasResults && storeErrorsEvenIfIgnored)
  }

  /** Resolves when it is stored; rejects when it cannot be encoded, or the worker ends first. */
  async store({ request }: ResultOwner, meta: ResultMeta): Promise<void> {
    const { app, logger, signal } = this.#parts
    const { replyTo, correlationId } = request
    for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(pauseMs * 2, longestPauseMs)) {
      try {
        return await app.results.store(meta, { replyTo, correlationId })
      } catch (error) {
        if (signal.aborted || isNotEncodable(error)) throw error
        logger.error(
          `Cannot store the result of ${request.task}[${request.id}]: ${String(error)}. Trying again in ${pauseMs} ms`,
        )
        await sleep(pauseMs, undefined, { signal })
      }
    }
  }
}

/** Trying again will not make it so. */
export function isNotEncodable(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'NOT_ENCODABLE'
}
