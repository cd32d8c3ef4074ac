import {
  type Consumer,
  isConnectionFailure,
  type Message,
  type PublishOptions,
  Queue,
  UnsupportedError,
} from '@dashi/messaging'
import { TaskError } from '../../errors.ts'
import { asMeta } from '../meta-codec.ts'
import type { ResultMeta } from '../result-meta.ts'
import type {
  MetaListener,
  ResultAddress,
  ResultContext,
  ResultSession,
  ResultStore,
} from '../result-store.ts'
import { ReceivedResults } from './received-results.ts'

/** Results of one client that are remembered; older ones are forgotten. */
const maxKept = 10_000

/** How long a reply queue without its client is kept: long enough for any reconnect. */
const maxExpiresMs = 600_000

/**
 * Results as messages, over the app's own broker: to a queue of the client that made the call. Nothing else is needed, and only
 * that client learns of them; they end with it. No groups can be kept.
 */
export function rpcResults(): ResultStore {
  return {
    name: 'rpc',
    address: 'rpc://',
    open: (context) => new RpcResultSession(context),
  }
}

/**
 * The reply queue is not auto-delete, as Celery's is: a broker deletes such a queue when the connection breaks, and what is sent
 * until it is back is lost. It expires instead, and is deleted by `close()`.
 */
class RpcResultSession implements ResultSession {
  /** Names the reply queue. */
  readonly replyTo: string = crypto.randomUUID()
  readonly #context: ResultContext
  readonly #received = new ReceivedResults(maxKept)
  readonly #queue: Queue
  #consumer: Consumer | undefined
  #opening: Promise<void> | undefined
  #isClosed = false

  constructor(context: ResultContext) {
    this.#context = context
    const { expiresMs = maxExpiresMs } = context
    this.#queue = new Queue(this.replyTo, {
      durable: true,
      noAck: true,
      expiresMs: Math.min(expiresMs, maxExpiresMs),
    })
  }

  /** Once the queue is there, there is nothing to do for a task. */
  prepare(): Promise<void> | undefined {
    return this.#consumer === undefined ? this.#listening() : undefined
  }

  /** Published and forgotten where nobody waits: no address, or the client's queue has gone with it. */
  async store(meta: ResultMeta, { replyTo, correlationId }: ResultAddress): Promise<void> {
    this.#assertOpen()
    if (replyTo === '') return
    const { connection, serializer, persistent, operationTimeoutMs } = this.#context
    const producer = connection.producer()
    const body = bodyOf(meta)
    const options: PublishOptions = {
      routingKey: replyTo,
      correlationId,
      serializer,
      deliveryMode: persistent ? 'persistent' : 'transient',
      mandatory: false,
    }
    try {
      await producer.publish(body, options)
    } catch (error) {
      if (!isConnectionFailure(error)) throw error
      // It may have arrived; whoever is told twice is told the same.
      const signal = AbortSignal.timeout(operationTimeoutMs)
      await producer.publish(body, { ...options, retry: true, signal })
    }
  }

  async load(taskId: string): Promise<ResultMeta | undefined> {
    await this.#listening()
    return this.#received.get(taskId)
  }

  async watch(taskId: string, listener: MetaListener): Promise<() => void> {
    await this.#listening()
    return this.#received.watch(taskId, listener)
  }

  async forget(taskId: string): Promise<void> {
    this.#received.forget(taskId)
  }

  storeGroup(groupId: string): Promise<void> {
    return Promise.reject(noGroups(groupId))
  }

  loadGroup(groupId: string): Promise<unknown> {
    return Promise.reject(noGroups(groupId))
  }

  forgetGroup(groupId: string): Promise<void> {
    return Promise.reject(noGroups(groupId))
  }

  async cleanup(): Promise<number> {
    return 0
  }

  async close(): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    await this.#opening?.catch(() => undefined)
    this.#received.clear()
    const { connection, onWarning } = this.#context
    if (this.#consumer === undefined || connection.isClosed) return
    try {
      await this.#consumer.close()
      await this.#queue.delete(connection.defaultChannel)
    } catch (error) {
      // It expires all the same.
      onWarning(error)
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  #listening(): Promise<void> {
    this.#assertOpen()
    this.#opening ??= this.#listen()
    return this.#opening
  }

  async #listen(): Promise<void> {
    const { connection, accept } = this.#context
    const consumer = connection.consumer({
      queues: [this.#queue],
      noAck: true,
      accept,
      onMessage: (message) => this.#receive(message),
      onDecodeError: (_message, error) => this.#context.onWarning(error),
    })
    try {
      await consumer.consume()
      this.#consumer = consumer
    } catch (error) {
      this.#opening = undefined
      await consumer.close().catch((problem: unknown) => this.#context.onWarning(problem))
      throw error
    }
  }

  #receive(message: Message): void {
    try {
      const { correlationId } = message.properties
      const body = message.payload as { readonly task_id?: unknown } | null // Looked at by asMeta().
      const taskId = typeof body?.task_id === 'string' ? body.task_id : (correlationId ?? '')
      this.#received.add(asMeta(body, taskId))
    } catch (error) {
      this.#context.onWarning(error)
    }
  }

  #assertOpen(): void {
    if (this.#isClosed) throw new TaskError('CLOSED', 'The result store rpc:// was closed')
  }
}

/** In Celery's order for messages: the id first. */
function bodyOf({ task_id, ...rest }: ResultMeta): unknown {
  return { task_id, ...rest }
}

function noGroups(groupId: string): UnsupportedError {
  return new UnsupportedError(
    `Group ${groupId} cannot be kept by rpc://, which sends results to one client instead of keeping them. Use another result store, e.g. redis://`,
  )
}
