import type { PublishOptions, Queue } from '@dashi/messaging'
import {
  type Connection,
  isConnectionFailure,
  type Producer,
  retryOverTime,
} from '@dashi/messaging'
import type { Settings } from '../configuration/settings.ts'
import type { OutgoingTask, TaskMessage } from '../protocol/outgoing-task.ts'
import { writeTask } from '../protocol/write-task.ts'
import { writeTaskV1 } from '../protocol/write-task-v1.ts'
import type { Destination } from '../routing/router.ts'

/** What a sender works with. */
export interface SenderParts {
  readonly connection: Connection
  readonly settings: Settings
}

/** A call with its destination. */
export interface SentTask {
  readonly task: OutgoingTask
  readonly destination: Destination
  /** Queue where its result is waited for; '' if nowhere. */
  readonly replyTo: string
  /** Its result is kept: whoever waits for it shall learn that it expired, which only a worker can tell. */
  readonly keepsResult: boolean
}

/** Celery's policy for publishing: three more tries, without a pause, then 200 and 400 ms. */
const publishRetryPolicy = {
  maxRetries: 3,
  intervalStartMs: 0,
  intervalStepMs: 200,
  intervalMaxMs: 1_000,
}

/** Publishes calls on an app's connection. */
export class TaskSender {
  readonly #producer: Producer
  readonly #settings: Settings
  readonly #declared = new WeakSet<Queue>()
  readonly #declaring = new Map<Queue, Promise<void>>()

  constructor({ connection, settings }: SenderParts) {
    this.#producer = connection.producer()
    this.#settings = settings
  }

  /**
   * Resolves when the broker has the call. Calls to one queue leave in the order in which they were sent.
   *
   * @throws what `Producer.publish()` throws: `PublishError`, `OutcomeUnknownError`, `ConnectionError`, `EncodeError`.
   */
  send(sent: SentTask): Promise<void> {
    const { body, headers } = this.#message(sent.task)
    const options = this.#publishOptions(sent, headers)
    const { queue, options: callOptions } = sent.destination
    const attempt = () => this.#publish(queue, body, options)
    if (!(callOptions.retry ?? this.#settings.taskPublishRetry)) return attempt()
    const policy = { ...publishRetryPolicy, ...callOptions.retryPolicy, signal: options.signal }
    return attempt().catch(async (error: unknown) => {
      if (!isConnectionFailure(error)) throw error
      await retryOverTime(attempt, isConnectionFailure, policy)
    })
  }

  #message(task: OutgoingTask): TaskMessage {
    return this.#settings.taskProtocol === 1 ? writeTaskV1(task) : writeTask(task)
  }

  #publish(queue: Queue | undefined, body: unknown, options: PublishOptions): Promise<void> {
    if (queue === undefined || this.#declared.has(queue)) {
      return this.#producer.publish(body, options)
    }
    return this.#declare(queue).then(() => this.#producer.publish(body, options))
  }

  /** Once for all calls that wait for it: nothing is published to a queue that is not there yet. */
  #declare(queue: Queue): Promise<void> {
    const known = this.#declaring.get(queue)
    if (known !== undefined) return known
    const declaring = this.#producer
      .maybeDeclare(queue)
      .then(() => void this.#declared.add(queue))
      .finally(() => this.#declaring.delete(queue))
    this.#declaring.set(queue, declaring)
    return declaring
  }

  #publishOptions(sent: SentTask, headers: TaskMessage['headers']): PublishOptions {
    const { exchange, routingKey, options } = sent.destination
    const { task, replyTo, keepsResult } = sent
    const publish: Record<string, unknown> = {
      exchange,
      routingKey,
      headers,
      correlationId: task.id,
      replyTo,
      serializer: options.serializer ?? this.#settings.taskSerializer,
      deliveryMode: options.deliveryMode ?? this.#settings.taskDefaultDeliveryMode,
      priority: options.priority ?? this.#settings.taskDefaultPriority ?? 0,
    }
    const compression = options.compression ?? this.#settings.taskCompression
    if (compression !== null) publish['compression'] = compression
    if (task.expiresMs !== undefined && !keepsResult) {
      publish['expirationMs'] = Math.max(0, task.expiresMs - Date.now())
    }
    if (options.timeoutMs !== undefined) publish['timeoutMs'] = options.timeoutMs
    if (options.signal !== undefined) publish['signal'] = options.signal
    return publish
  }
}
