import type { Message } from '@dashi/messaging'
import type { App } from '../app/app.ts'
import { InvalidTaskError, TaskError, TaskRevokedError } from '../errors.ts'
import { readTask } from '../protocol/read-task.ts'
import type { TaskRequest } from '../protocol/task-request.ts'
import { encodeException } from '../result/encode-exception.ts'
import { resultMeta } from '../result/make-result-meta.ts'
import type { TaskLogger } from '../task/task-logger.ts'
import type { DeadLetters } from './dead-letters.ts'
import type { EtaHold } from './eta-hold.ts'
import { logLines } from './log-lines.ts'
import type { RateLimits } from './rate-limits.ts'
import type { Reservation } from './reservation.ts'
import type { ResultWriter } from './result-writer.ts'
import type { Slots } from './slots.ts'

/** Where an intake sends what it has read. */
export interface IntakeParts {
  readonly app: App
  readonly logger: TaskLogger
  readonly results: ResultWriter
  readonly deadLetters: DeadLetters
  readonly hold: EtaHold
  readonly limits: RateLimits
  readonly slots: Slots
  /** Told of a message for which something could not be done. */
  readonly onTrouble: (error: unknown, message: Message) => void
}

/**
 * From a message to a task that runs, waits, or is set aside with its reason. Nothing that a message holds is fatal.
 *
 * Order of the looks: readable, known, expired, early, limited. Source: celery/worker/strategy.py.
 */
export class Intake {
  readonly #parts: IntakeParts
  readonly #tellsAll: boolean

  constructor(parts: IntakeParts) {
    this.#parts = parts
    this.#tellsAll = parts.logger.isLevelEnabled?.('info') ?? true
  }

  /** Synchronous for what can run: no promise per task that nobody awaits. */
  receive(message: Message): void {
    const request = this.#read(message)
    if (request === undefined) return
    const task = this.#parts.app.registry.get(request.task)
    if (task === undefined) {
      this.#unknown(message, request)
      return
    }
    if (this.#tellsAll) this.#parts.logger.info(logLines.received(request))
    this.#admit({ message, request, task, children: [] })
  }

  /** Sets a message aside that is no task. */
  refuse(message: Message, error: unknown): void {
    this.#parts.logger.error(`Received invalid task message: ${textOf(error)}`)
    this.#watch(this.#setAside(message, error, idOf(error)), message)
  }

  /** Last look before it runs. @returns false if it expired meanwhile, and was dealt with. */
  mayRun(reservation: Reservation): boolean {
    const { expiresMs } = reservation.request
    if (expiresMs === undefined || Date.now() <= expiresMs) return true
    this.#watch(this.#expired(reservation), reservation.message)
    return false
  }

  #read(message: Message): TaskRequest | undefined {
    try {
      return readTask(message, this.#parts.app.settings.timezone)
    } catch (error) {
      this.refuse(message, error)
      return undefined
    }
  }

  #unknown(message: Message, { task, id }: TaskRequest): void {
    const error = new TaskError('NOT_REGISTERED', task)
    this.#parts.logger.error(
      `Received unregistered task of type '${task}'. It was set aside: register the task here, or route it to a worker that has it`,
    )
    this.#watch(this.#setAside(message, error, id), message)
  }

  #admit(reservation: Reservation): void {
    if (!this.mayRun(reservation)) return
    const { etaMs } = reservation.request
    if (etaMs !== undefined && etaMs > Date.now()) this.#parts.hold.add(reservation, etaMs)
    else this.due(reservation)
  }

  /** Its time has come. */
  due(reservation: Reservation): void {
    if (this.#parts.limits.delays(reservation)) return
    this.#parts.slots.submit(reservation)
  }

  async #expired(reservation: Reservation): Promise<void> {
    const { logger, results } = this.#parts
    logger.info(logLines.revoked(reservation.request))
    if (results.keeps(reservation)) {
      const result = encodeException(new TaskRevokedError('expired'))
      const { id: taskId } = reservation.request
      await results.store(reservation, resultMeta({ taskId, status: 'REVOKED', result }))
    }
    reservation.message.ack()
  }

  /** Whoever waits for it learns why it will not be done. */
  async #setAside(message: Message, error: unknown, id: string | undefined): Promise<void> {
    const { app, results, deadLetters } = this.#parts
    if (app.hasResults && id !== undefined) {
      const meta = resultMeta({ taskId: id, status: 'FAILURE', result: encodeException(error) })
      await results.store({ request: addressed(message, id) }, meta)
    }
    await deadLetters.add(message, error)
  }

  #watch(done: Promise<void>, message: Message): void {
    done.catch((error: unknown) => this.#parts.onTrouble(error, message))
  }
}

/** As much of a request as storing needs, of a message that may be none. */
function addressed({ properties, headers }: Message, id: string) {
  const { replyTo, correlationId } = properties
  return {
    id,
    task: typeof headers['task'] === 'string' ? headers['task'] : '',
    replyTo: typeof replyTo === 'string' ? replyTo : '',
    correlationId: typeof correlationId === 'string' ? correlationId : id,
  }
}

function idOf(error: unknown): string | undefined {
  return error instanceof InvalidTaskError ? error.taskId : undefined
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
