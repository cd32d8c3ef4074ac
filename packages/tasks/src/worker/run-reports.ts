import type { App } from '../app/app.ts'
import type { JobReports, LogLevel } from '../pool/pool.ts'
import type { TaskLogger } from '../task/task-logger.ts'
import { metaOf } from './meta-of.ts'
import type { Reservation } from './reservation.ts'
import type { ResultWriter } from './result-writer.ts'

/** What a run's reports lead to. */
export interface RunReportsParts {
  readonly app: App
  readonly hostname: string
  readonly results: ResultWriter
  readonly logger: TaskLogger
}

/** Listens to one run: acknowledges early where the task wants that, stores its states, writes its log. */
export class RunReports implements JobReports {
  readonly #parts: RunReportsParts
  readonly #reservation: Reservation

  constructor(parts: RunReportsParts, reservation: Reservation) {
    this.#parts = parts
    this.#reservation = reservation
  }

  onStarted(pid: number): void {
    const { app, hostname } = this.#parts
    const { acksLate = app.settings.taskAcksLate, trackStarted = app.settings.taskTrackStarted } =
      this.#reservation.task.options
    if (!acksLate) this.#reservation.message.ack()
    if (trackStarted) this.onState('STARTED', { pid, hostname })
  }

  onState(status: string, result: unknown): void {
    const { results, logger } = this.#parts
    if (!results.keeps(this.#reservation)) return
    const meta = metaOf(this.#reservation, { status, result, extended: undefined })
    results.store(this.#reservation, meta).catch((error: unknown) => {
      logger.warn(
        `State ${status} of task ${this.#reservation.request.id} was not stored: ${String(error)}`,
      )
    })
  }

  onChild(tuple: unknown): void {
    this.#reservation.children.push(tuple)
  }

  onLog(level: LogLevel, message: string, fields: Readonly<Record<string, unknown>>): void {
    const { logger } = this.#parts
    logger[level === 'warning' ? 'warn' : level](message, fields)
  }
}
