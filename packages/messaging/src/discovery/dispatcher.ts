/** Gives calls to workers, and knows what became of each: answered, refused, or its worker died. */
import { randomUUID } from 'node:crypto'
import type { SupervisedConnection } from '../connection/supervised-connection.ts'
import { Consumer } from '../consumer.ts'
import type { Exchange } from '../entity/exchange.ts'
import { OutcomeUnknownError, PublishError, TimeoutError } from '../errors.ts'
import type { Message } from '../message/message.ts'
import type { OperationOptions } from '../operation-options.ts'
import { checkOptions } from '../option-spec.ts'
import { Producer } from '../producer.ts'
import { answerQueue, requestExchange } from './discovery-entities.ts'
import { failedThere, notInTime, noWorker, workerDied } from './dispatch-errors.ts'
import { readAnswer, readAnswerError, type WorkerAnswer } from './request.ts'
import { WorkerLoad } from './worker-load.ts'
import type { LeaveReason, WorkerRegistry } from './worker-registry.ts'
import type { DiscoveredWorker } from './worker-table.ts'

/** Options of `registry.dispatch()`. */
export interface DispatchOptions extends OperationOptions {
  /** Longest wait for the answer, for a worker to appear included. Default 30 000. */
  readonly timeoutMs?: number | undefined
  /** Doing it twice is harmless: if its worker dies, give the call to another. Default `false`. */
  readonly idempotent?: boolean | undefined
  /** To how many others, one after the other. Default 2. */
  readonly retries?: number | undefined
}

/** One call, from its first worker to its last. */
interface Call {
  readonly id: string
  readonly capability: string
  readonly payload: unknown
  readonly deadlineMs: number
  readonly signal: AbortSignal | undefined
  readonly tried: Set<string>
  worker: DiscoveredWorker | undefined
}

/** How the attempt with one worker ended. */
type Ending =
  | WorkerAnswer
  | { readonly status: 'unreachable' | 'timeout' }
  | { readonly status: 'died'; readonly worker: DiscoveredWorker }

interface Attempt {
  readonly workerId: string
  end(ending: Ending): void
  fail(reason: unknown): void
}

/** After a goodbye everything has been answered; the answer may still be on its way. */
const goodbyeGraceMs = 5_000

/** The calling side of a registry. */
export class Dispatcher {
  /** Answers to calls that had ended. */
  lateAnswerCount = 0
  readonly #connection: SupervisedConnection
  readonly #registry: WorkerRegistry
  readonly #callerId = randomUUID()
  readonly #attempts = new Map<string, Attempt>()
  readonly #load = new WorkerLoad()
  readonly #requests: Exchange
  #consumer: Consumer | undefined
  #opening: Promise<void> | undefined
  #closedBy: Error | undefined

  constructor(connection: SupervisedConnection, registry: WorkerRegistry) {
    this.#connection = connection
    this.#registry = registry
    this.#requests = requestExchange(registry.exchangeName)
  }

  /** See `WorkerRegistry.dispatch`. */
  async dispatch(capability: string, payload: unknown, options: DispatchOptions): Promise<unknown> {
    checkOptions('dispatch', options, {
      timeoutMs: { type: 'number', min: 1 },
      idempotent: 'boolean',
      retries: { type: 'number', min: 0, integer: true },
      signal: 'object',
    })
    const { timeoutMs = 30_000, signal } = options
    await this.#open({ signal })
    const deadlineMs = performance.now() + timeoutMs
    const call = { capability, payload, deadlineMs, signal }
    return await this.#run(
      { ...call, id: randomUUID(), tried: new Set(), worker: undefined },
      options,
    )
  }

  /** A worker is gone. */
  left(worker: DiscoveredWorker, reason: LeaveReason): void {
    this.#load.forget(worker.id)
    const end = () => this.#endAttemptsWith(worker)
    if (reason === 'timeout' || this.#load.of(worker.id) === 0) end()
    else setTimeout(end, Math.min(goodbyeGraceMs, this.#registry.ttlMs)).unref()
  }

  /** Rejects what is under way with `reason`. */
  async close(reason: Error, options?: OperationOptions): Promise<void> {
    this.#closedBy = reason
    for (const attempt of this.#attempts.values()) attempt.fail(reason)
    const consumer = this.#consumer
    this.#consumer = undefined
    if (!consumer?.channel.isOpen) return
    await consumer.cancel(options)
    for (const queue of consumer.queues) await queue.delete(consumer.channel, options)
    await consumer.close(options)
  }

  /** From worker to worker until there is an answer. */
  async #run(call: Call, options: DispatchOptions): Promise<unknown> {
    const { idempotent = false, retries = 2, timeoutMs = 30_000 } = options
    for (let deaths = 0; ; ) {
      const worker = await this.#chosen(call)
      call.worker = worker
      const ending = await this.#attempt(call, worker)
      call.tried.add(worker.id)
      switch (ending.status) {
        case 'timeout':
          throw notInTime(call, timeoutMs, this.#registry.find(worker.id) ?? worker)
        case 'died':
          deaths += 1
          if (!idempotent || deaths > retries) throw workerDied(call, ending.worker, idempotent)
          break
        case 'ok':
          return ending.message.decode()
        case 'error':
          throw failedThere(call, worker, readAnswerError(ending.message.decode()))
        default:
          ending.status satisfies 'refused' | 'unreachable'
      }
    }
  }

  /** The worker whose turn it is, counted as busy. @throws {RemoteError} `NO_WORKER`: none appeared in time. */
  async #chosen(call: Call): Promise<DiscoveredWorker> {
    const found = this.#load.choose(this.#candidates(call))
    if (found) {
      // Now, so that calls of the same turn see each other.
      this.#load.begin(found.id)
      return found
    }
    try {
      const timeoutMs = Math.max(1, call.deadlineMs - performance.now())
      const isThere = () => this.#candidates(call).length > 0
      await this.#registry.waitFor(isThere, { timeoutMs, signal: call.signal })
    } catch (error) {
      throw error instanceof TimeoutError ? noWorker(call, this.#registry.workers()) : error
    }
    return await this.#chosen(call)
  }

  #candidates({ capability, tried }: Call): readonly DiscoveredWorker[] {
    return this.#registry
      .withCapability(capability)
      .filter((worker) => worker.takesRequests && !tried.has(worker.id))
  }

  async #attempt(call: Call, worker: DiscoveredWorker): Promise<Ending> {
    const ended = Promise.withResolvers<Ending>()
    const leftMs = Math.max(1, call.deadlineMs - performance.now())
    const timer = setTimeout(() => ended.resolve({ status: 'timeout' }), leftMs)
    const abort = () => ended.reject(call.signal?.reason)
    call.signal?.addEventListener('abort', abort, { once: true })
    this.#attempts.set(call.id, {
      workerId: worker.id,
      end: ended.resolve,
      fail: ended.reject,
    })
    try {
      this.#send(call, worker, leftMs).catch((error: unknown) => notSent(error, ended))
      return await ended.promise
    } finally {
      clearTimeout(timer)
      call.signal?.removeEventListener('abort', abort)
      this.#attempts.delete(call.id)
      this.#load.end(worker.id)
    }
  }

  async #send(call: Call, worker: DiscoveredWorker, leftMs: number): Promise<void> {
    call.signal?.throwIfAborted()
    if (this.#closedBy) throw this.#closedBy
    await new Producer(this.#connection).publish(call.payload ?? null, {
      exchange: this.#requests,
      routingKey: worker.id,
      correlationId: call.id,
      replyTo: this.#callerId,
      headers: { capability: call.capability },
      mandatory: true,
      expirationMs: leftMs + clockToleranceMs,
    })
  }

  #open(options: OperationOptions): Promise<void> {
    this.#opening ??= this.#openNow(options).catch((error: unknown) => {
      this.#opening = undefined
      throw error
    })
    return this.#opening
  }

  async #openNow(options: OperationOptions): Promise<void> {
    const consumer: Consumer = new Consumer(this.#connection, {
      queues: answerQueue(this.#registry.exchangeName, this.#callerId),
      onMessage: (message) => this.#receive(message),
      onCancel: async (_queue, error) => {
        this.#connection.warn(error)
        await consumer.consume().catch((failure: unknown) => this.#connection.warn(failure))
      },
    })
    this.#consumer = consumer
    await consumer.consume(options)
  }

  #receive(message: Message): void {
    const answer = readAnswer(message)
    const attempt = this.#attempts.get(message.properties.correlationId ?? '')
    if (answer && attempt) attempt.end(answer)
    else this.lateAnswerCount += 1
    message.ack()
  }

  #endAttemptsWith(worker: DiscoveredWorker): void {
    for (const attempt of this.#attempts.values())
      if (attempt.workerId === worker.id) attempt.end({ status: 'died', worker })
  }
}

/** Clocks of two machines may differ by so much before a request expires early where they are compared. */
const clockToleranceMs = 10_000

/** Never reached the worker: another can have it. May have reached it: the answer, or its death, will tell. */
function notSent(error: unknown, ended: PromiseWithResolvers<Ending>): void {
  if (error instanceof OutcomeUnknownError) return
  if (error instanceof PublishError && error.code === 'UNROUTABLE')
    ended.resolve({ status: 'unreachable' })
  else ended.reject(error)
}
