import { availableParallelism } from 'node:os'
import type { Connection, Consumer, Message } from '@dashi/messaging'
import type { App } from '../app/app.ts'
import { workerNodeName } from '../client/node-name.ts'
import { TaskError } from '../errors.ts'
import type { JobOutcome, JobReports, Pool } from '../pool/pool.ts'
import type { TaskLogger } from '../task/task-logger.ts'
import { consoleLogger } from './console-logger.ts'
import { DeadLetters } from './dead-letters.ts'
import { EtaHold } from './eta-hold.ts'
import { Intake } from './intake.ts'
import { makePool } from './make-pool.ts'
import { PrefetchWindow } from './prefetch-window.ts'
import { RateLimits } from './rate-limits.ts'
import { Redelivery } from './redelivery.ts'
import type { Reservation } from './reservation.ts'
import { ResultWriter } from './result-writer.ts'
import { RunReports, type RunReportsParts } from './run-reports.ts'
import { Slots } from './slots.ts'
import { TaskOutcomes } from './task-outcomes.ts'
import type { WorkerOptions } from './worker-options.ts'

/** Held tasks are in memory: Celery's default, no limit, has filled that of many a worker. */
const defaultHeldLimit = 10_000

/**
 * Consumes an app's queues and runs its tasks. Celery's worker.
 *
 * A task's message is settled after its end (`acksLate`, the default), so that a worker may die at any moment and nothing is
 * lost. After a lost connection it consumes again by itself; running tasks go on.
 *
 * @example
 * await using worker = new Worker(app, { queues: ['crawl'], concurrency: 20 })
 * await worker.start()
 * await once(process, 'SIGTERM')
 * await worker.stop('warm')
 */
export class Worker implements AsyncDisposable {
  readonly app: App
  readonly hostname: string
  readonly #options: WorkerOptions
  readonly #logger: TaskLogger
  readonly #connection: Connection
  readonly #pool: Pool
  readonly #slots: Slots
  readonly #hold: EtaHold
  readonly #window: PrefetchWindow
  readonly #limits: RateLimits
  readonly #intake: Intake
  readonly #outcomes: TaskOutcomes
  readonly #reporting: RunReportsParts
  readonly #ending = new AbortController()
  readonly #stopped = Promise.withResolvers<void>()
  /** Ends that are being told to the broker and the store. */
  readonly #settling = new Set<Promise<void>>()
  #consumer: Consumer | undefined
  #stopping: Promise<void> | undefined

  /** @throws {ImproperlyConfiguredError} a rate limit or option that is none. */
  constructor(app: App, options: WorkerOptions = {}) {
    this.app = app
    this.hostname = workerNodeName(options.hostname)
    this.#options = options
    this.#logger = options.logger ?? consoleLogger()
    this.#connection = app.connection.clone()
    this.#pool = makePool(
      app,
      options,
      options.concurrency ?? app.settings.workerConcurrency ?? availableParallelism(),
    )
    const { logger, connection } = { logger: this.#logger, connection: this.#connection }
    const results = new ResultWriter({ app, logger, signal: this.#ending.signal })
    this.#reporting = { app, hostname: this.hostname, results, logger }
    const deadLetters = new DeadLetters(connection)
    const redelivery = new Redelivery({ app, connection, logger })
    this.#hold = new EtaHold(
      (reservation) => this.#intake.due(reservation),
      (count) => this.#window.held(count),
    )
    this.#window = this.#makeWindow()
    this.#limits = new RateLimits((reservation) => this.#slots.submit(reservation))
    this.#slots = new Slots(this.#pool, {
      hostname: this.hostname,
      settings: app.settings,
      reportsOf: (reservation) => this.#reportsOf(reservation),
      mayRun: (reservation) => this.#intake.mayRun(reservation),
      onOutcome: (reservation, outcome, startedAt) =>
        this.#onOutcome(reservation, outcome, startedAt),
    })
    this.#outcomes = new TaskOutcomes({
      app,
      hostname: this.hostname,
      results,
      redelivery,
      deadLetters,
      logger,
    })
    this.#intake = new Intake({
      app,
      logger,
      results,
      deadLetters,
      hold: this.#hold,
      limits: this.#limits,
      slots: this.#slots,
      onTrouble: (error, message) => this.#onTrouble(error, message),
    })
  }

  /** Resolves when the worker has stopped, whoever stopped it. */
  get stopped(): Promise<void> {
    return this.#stopped.promise
  }

  /** Running now. */
  get runningCount(): number {
    return this.#slots.runningCount
  }

  /** Starts the pool, then consumes. Resolves when tasks arrive. @throws what connecting or starting children threw. */
  async start(): Promise<void> {
    if (this.#consumer !== undefined)
      throw new TaskError('CLOSED', 'This worker was started before. Make another one')
    this.#setRateLimits()
    await this.#pool.start()
    const consumer = this.#makeConsumer()
    this.#consumer = consumer
    await this.#connection.connect()
    this.#logger.info(`Connected to ${this.#connection.asUri()}`)
    if (this.#options.purge) await consumer.purge()
    await consumer.consume()
    this.#logger.info(`${this.hostname} ready.`)
  }

  /**
   * Stops consuming at once and gives back what has not begun.
   *
   * `warm` lets running tasks end, `soft` does so for `workerSoftShutdownTimeoutMs` and then as `cold`, which aborts them:
   * their messages are delivered again. A second call with a harder way overtakes the first. Idempotent.
   */
  stop(how: 'warm' | 'soft' | 'cold' = 'warm'): Promise<void> {
    if (how === 'cold')
      this.#ending.abort(new TaskError('CLOSED', 'The worker was shut down (cold)'))
    if (how === 'soft') {
      const timeoutMs = this.app.settings.workerSoftShutdownTimeoutMs
      setTimeout(() => this.#ending.abort(), timeoutMs).unref()
    }
    this.#stopping ??= this.#stop(how === 'cold' ? 'Cold' : 'Warm')
    return this.#stopping
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop()
  }

  async #stop(how: 'Warm' | 'Cold'): Promise<void> {
    this.#logger.warn(`worker: ${how} shutdown (MainProcess)`)
    try {
      await this.#consumer?.cancel()
      this.#giveBack()
      await this.#pool.stop(this.#ending.signal.aborted ? 'cold' : 'warm', this.#ending.signal)
      await Promise.allSettled(this.#settling)
    } finally {
      await this.#consumer?.close()
      await this.#connection.close()
      this.#stopped.resolve()
    }
  }

  #giveBack(): void {
    const waiting = [...this.#hold.clear(), ...this.#limits.clear(), ...this.#slots.close()]
    for (const { message } of waiting) {
      if (!message.acknowledged) message.requeue()
    }
  }

  get #prefetchCount(): number {
    const { prefetchMultiplier = this.app.settings.workerPrefetchMultiplier } = this.#options
    return prefetchMultiplier * this.#pool.size
  }

  #makeWindow(): PrefetchWindow {
    return new PrefetchWindow({
      baseCount: this.#prefetchCount,
      heldLimit: this.app.settings.workerEtaTaskLimit ?? defaultHeldLimit,
      apply: async (prefetchCount) => await this.#consumer?.qos({ prefetchCount }),
      onError: (error) => this.#logger.warn(`The prefetch count was not changed: ${String(error)}`),
    })
  }

  #makeConsumer(): Consumer {
    const { app } = this
    const { queues, excludeQueues: exclude } = this.#options
    return this.#connection.consumer({
      queues: app.router.consumedQueues({ queues, exclude }),
      prefetchCount: this.#prefetchCount,
      accept: app.settings.acceptContent,
      onMessage: (message) => this.#intake.receive(message),
      onDecodeError: (message, error) => this.#intake.refuse(message, error),
      onCallbackError: (message, error) => this.#intake.refuse(message, error),
      onCancel: (queue, error) =>
        this.#logger.error(`The broker ended the consumer of queue "${queue}": ${error.message}`),
    })
  }

  #setRateLimits(): void {
    const { settings, registry } = this.app
    if (settings.workerDisableRateLimits) return
    for (const name of registry.names()) {
      this.#limits.set(name, registry.get(name)?.options.rateLimit ?? settings.taskDefaultRateLimit)
    }
  }

  #reportsOf(reservation: Reservation): JobReports {
    return new RunReports(this.#reporting, reservation)
  }

  #onOutcome(reservation: Reservation, outcome: JobOutcome, startedAt: number): void {
    // Shut down is not killed: nobody is to blame, it is delivered again.
    if (outcome.kind === 'lost' && this.#ending.signal.aborted) {
      reservation.message.requeue()
      return
    }
    const ended = this.#outcomes.end(reservation, outcome, startedAt)
    if (ended === undefined) return
    const settled = ended.catch((error: unknown) => this.#onTrouble(error, reservation.message))
    this.#settling.add(settled)
    void settled.then(() => this.#settling.delete(settled))
  }

  /** Done or not, nobody has been told: it is delivered again. */
  #onTrouble(error: unknown, message: Message): void {
    const reason = error instanceof Error ? error.message : String(error)
    this.#logger.error(`The end of a task could not be told, it is delivered again: ${reason}`)
    if (!message.acknowledged) message.requeue()
  }
}
