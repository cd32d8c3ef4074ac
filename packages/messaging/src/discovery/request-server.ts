/** The answering side of a worker: takes requests, does them, answers, and only then acknowledges. */
import type { SupervisedConnection } from '../connection/supervised-connection.ts'
import { Consumer } from '../consumer.ts'
import { withDeadline } from '../deadline.ts'
import type { Exchange } from '../entity/exchange.ts'
import type { Queue } from '../entity/queue.ts'
import { ConfigurationError, EncodeError, TimeoutError } from '../errors.ts'
import type { Message } from '../message/message.ts'
import type { OperationOptions } from '../operation-options.ts'
import { Producer } from '../producer.ts'
import { BoundedSet } from './bounded-set.ts'
import { answerExchange, requestExchange, requestQueue } from './discovery-entities.ts'
import { type AnswerStatus, answerError, readRequest, type WorkerRequest } from './request.ts'

/** What a handler is told beside its argument. */
export interface RequestContext {
  /** Of the request: the same when it is given to several workers. */
  readonly id: string
  readonly capability: string
  /** Aborts when the worker cannot wait any longer for the handler. */
  readonly signal: AbortSignal
}

/** Does one request. What it returns, or the promise of it, is the answer; what it throws comes back as an error. */
export type WorkerHandler = (payload: unknown, context: RequestContext) => unknown

/** By capability. */
export type WorkerHandlers = Readonly<Record<string, WorkerHandler>>

/** What a server needs. */
export interface RequestServerParts {
  readonly exchangeName: string
  readonly workerId: string
  readonly handlers: WorkerHandlers
  /** Most requests at a time. */
  readonly concurrency: number
  /** Somebody wants to know who is there. */
  onProbe(): void
}

/** How long to wait for handlers. */
export interface CloseServerOptions extends OperationOptions {
  readonly timeoutMs: number
}

interface Answer {
  readonly status: AnswerStatus
  readonly body: unknown
}

/** Ids of answered requests that are remembered: one may come again if its acknowledgement got lost. */
const maxAnswered = 10_000

/** Serves until closed. A request that comes twice, because the connection was cut, is done once. */
export class RequestServer {
  readonly queue: Queue
  readonly capabilities: readonly string[]
  readonly #connection: SupervisedConnection
  readonly #parts: RequestServerParts
  readonly #handlers: ReadonlyMap<string, WorkerHandler>
  readonly #consumer: Consumer
  readonly #running = new Map<string, Promise<void>>()
  readonly #answered = new BoundedSet<string>(maxAnswered)
  readonly #stop = new AbortController()
  readonly #requests: Exchange
  readonly #answers: Exchange
  #isClosing = false

  constructor(connection: SupervisedConnection, parts: RequestServerParts) {
    this.#connection = connection
    this.#parts = parts
    this.#handlers = new Map(Object.entries(parts.handlers))
    this.capabilities = [...this.#handlers.keys()]
    this.queue = requestQueue(parts.exchangeName, parts.workerId)
    this.#requests = requestExchange(parts.exchangeName)
    this.#answers = answerExchange(parts.exchangeName)
    this.#consumer = this.#requestConsumer(parts.concurrency)
  }

  /** Resolves when requests can arrive. */
  start(options?: OperationOptions): Promise<void> {
    return this.#consumer.consume(options)
  }

  /** Makes sure that requests find their way, whatever became of queue and bindings. */
  async declare(options?: OperationOptions): Promise<void> {
    if (!this.#isClosing) await this.queue.declare(this.#consumer.channel, options)
  }

  /**
   * Takes no more, refuses what has not begun, waits for what has, and removes the queue.
   *
   * @throws {TimeoutError} a handler was not done in time; `signal.reason`.
   */
  async close(options: CloseServerOptions): Promise<void> {
    if (this.#isClosing) return
    this.#isClosing = true
    if (!this.#consumer.channel.isOpen) return
    try {
      await using refuser = await this.#refuseFromNow(options)
      await this.#allAnswered(options)
      await refuser.cancel(options)
      await this.#refuseRest(options)
      await this.#allAnswered(options)
    } finally {
      this.#stop.abort(new TimeoutError('The worker closed before the handler was done'))
      await this.#removeQueue()
    }
  }

  /**
   * Without a binding nothing new is routed here: callers are told at once. What was routed before may still come: it does
   * not wait behind what has begun.
   */
  async #refuseFromNow({ signal }: OperationOptions): Promise<Consumer> {
    const { workerId: routingKey } = this.#parts
    const { channel } = this.#consumer
    await this.queue.unbindFrom(channel, this.#requests, { routingKey, signal })
    await this.#consumer.cancel({ signal })
    const refuser = new Consumer(this.#connection, {
      queues: this.queue,
      autoDeclare: false,
      onMessage: (message) => this.#receive(message),
    })
    await refuser.consume({ signal })
    return refuser
  }

  async #refuseRest({ signal }: OperationOptions): Promise<void> {
    for (;;) {
      const message = await this.#consumer.channel.get(this.queue.name, { signal })
      if (!message) return
      this.#receive(message)
    }
  }

  async #allAnswered({ timeoutMs, signal }: CloseServerOptions): Promise<void> {
    const what = `Finishing ${this.#running.size} requests`
    await withDeadline(this.#idle(), { timeoutMs, signal, what })
    await this.#consumer.channel.settled({ signal })
  }

  async #idle(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running.values())
  }

  /** What is unsettled goes back into the queue first, and with it. */
  async #removeQueue(): Promise<void> {
    await this.#consumer.close()
    await using channel = this.#connection.channel()
    await this.queue.delete(channel)
  }

  #requestConsumer(prefetchCount: number): Consumer {
    const consumer: Consumer = new Consumer(this.#connection, {
      queues: this.queue,
      prefetchCount,
      onMessage: (message) => this.#receive(message),
      onCancel: async (_queue, error) => {
        if (this.#isClosing) return
        this.#connection.warn(error)
        await consumer.consume().catch((failure: unknown) => this.#connection.warn(failure))
      },
    })
    return consumer
  }

  #receive(message: Message): void {
    if (message.deliveryInfo.exchange !== this.#requests.name) {
      message.ack()
      this.#parts.onProbe()
      return
    }
    const request = readRequest(message)
    if (this.#answered.has(request.id)) message.ack()
    else this.#follow(request, message)
  }

  /** The message is acknowledged when its request is answered, by this delivery of it or an earlier one. */
  #follow(request: WorkerRequest, message: Message): void {
    const running = this.#running.get(request.id) ?? this.#begin(request, message)
    running.then(
      () => message.ack(),
      (error: unknown) => this.#connection.warn(error),
    )
  }

  #begin(request: WorkerRequest, message: Message): Promise<void> {
    const running = this.#serve(request, message).finally(() => this.#running.delete(request.id))
    this.#running.set(request.id, running)
    return running
  }

  async #serve(request: WorkerRequest, message: Message): Promise<void> {
    const answer: Answer = this.#isClosing
      ? { status: 'refused', body: null }
      : await this.#do(request, message)
    await this.#answer(request, answer)
    if (answer.status !== 'refused') this.#answered.add(request.id)
  }

  async #do(request: WorkerRequest, message: Message): Promise<Answer> {
    const { id, capability } = request
    try {
      const handler = this.#handlers.get(capability)
      if (!handler) throw noHandler(capability, this.capabilities)
      const body = await handler(message.payload, { id, capability, signal: this.#stop.signal })
      return { status: 'ok', body: body ?? null }
    } catch (error) {
      return { status: 'error', body: answerError(error) }
    }
  }

  async #answer(request: WorkerRequest, answer: Answer): Promise<void> {
    try {
      await this.#send(request, answer)
    } catch (error) {
      if (!(error instanceof EncodeError)) throw error
      await this.#send(request, { status: 'error', body: answerError(error) })
    }
  }

  /** Tried until the broker has it or the worker is closed: the work is done and must not be lost. */
  #send(request: WorkerRequest, answer: Answer): Promise<void> {
    const { workerId } = this.#parts
    return new Producer(this.#connection).publish(answer.body, {
      exchange: this.#answers,
      routingKey: request.replyTo,
      correlationId: request.id,
      headers: { status: answer.status, worker: workerId },
      // The one who asked may be gone.
      mandatory: false,
      retry: true,
      retryPolicy: { signal: this.#stop.signal },
    })
  }
}

function noHandler(capability: string, capabilities: readonly string[]): ConfigurationError {
  return new ConfigurationError(
    'BAD_OPTION',
    `This worker has no handler for "${capability}". It has ${capabilities.join(', ') || 'none'}`,
  )
}
