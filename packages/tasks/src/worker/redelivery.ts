import type { Connection, Message, Producer } from '@dashi/messaging'
import type { App } from '../app/app.ts'
import type { RetryRequest } from '../pool/pool.ts'
import type { CallOptions } from '../task/call-options.ts'
import type { TaskLogger } from '../task/task-logger.ts'
import type { Reservation } from './reservation.ts'

/** How often a message took with it what ran it. */
const killsHeader = 'x-dashi-kills'
const defaultMaxKills = 3

/** What redelivering needs. */
export interface RedeliveryParts {
  readonly app: App
  readonly connection: Connection
  readonly logger: TaskLogger
}

/** Sends a task again: as a new attempt after a failure, or as it was after a kill. The two are counted apart. */
export class Redelivery {
  readonly #parts: RedeliveryParts
  readonly #producer: Producer

  constructor(parts: RedeliveryParts) {
    this.#parts = parts
    this.#producer = parts.connection.producer()
  }

  /** Resolves when the broker has the next attempt: the same id, one more retry. */
  async retry({ request, message }: Reservation, retry: RetryRequest): Promise<void> {
    const { exchange, routingKey } = message.deliveryInfo
    // Through the default exchange, the routing key is the queue.
    const destination: CallOptions =
      exchange === '' ? { queue: routingKey } : { exchange, routingKey }
    await this.#parts.app.sendTask(request.task, retry.args, {
      ...destination,
      ...priorityOf(message),
      ...againOptions(request),
      kwargs: retry.kwargs,
      retries: request.retries + 1,
      ...(retry.etaMs === undefined ? {} : { eta: new Date(retry.etaMs) }),
      ...retry.options,
    })
  }

  /**
   * Puts a message back whose runner was killed, counted.
   *
   * @returns false if that happened too often: it is left to the caller.
   */
  async afterKill({ request, message, task }: Reservation, reason: string): Promise<boolean> {
    // Acknowledged early: there is nothing left that could be delivered again.
    if (message.acknowledged) return false
    const kills = killsOf(message) + 1
    if (kills > (task.options.maxKills ?? defaultMaxKills)) return false
    this.#parts.logger.warn(
      `Task ${request.task}[${request.id}] is delivered again after kill ${kills}: ${reason}`,
    )
    await this.#publishAgain(message, { [killsHeader]: kills })
    message.ack()
    return true
  }

  async #publishAgain(message: Message, headers: Readonly<Record<string, unknown>>): Promise<void> {
    const { properties } = message
    const { exchange, routingKey } = message.deliveryInfo
    await this.#producer.publish(message.rawBody, {
      exchange,
      routingKey,
      contentType: message.contentType ?? 'application/data',
      contentEncoding: message.contentEncoding ?? 'binary',
      headers: { ...message.headers, ...headers },
      properties,
      priority: Number(properties['priority'] ?? 0),
    })
  }
}

/** How often a message took with it what ran it. */
export function killsOf(message: Message): number {
  const kills = message.headers[killsHeader]
  return typeof kills === 'number' ? kills : 0
}

function priorityOf(message: Message): CallOptions {
  const { priority } = message.properties
  return typeof priority === 'number' ? { priority } : {}
}

function againOptions(request: Reservation['request']): CallOptions {
  const { embed, timeLimitMs, groupId, groupIndex, shadow, parentId, expiresMs } = request
  return {
    taskId: request.id,
    rootId: request.rootId,
    parentId: parentId ?? request.id,
    replyTo: request.replyTo,
    headers: request.headers,
    ...(groupId === undefined ? {} : { groupId }),
    ...(groupIndex === undefined ? {} : { groupIndex }),
    ...(shadow === undefined ? {} : { shadow }),
    ...(expiresMs === undefined ? {} : { expires: new Date(expiresMs) }),
    ...(timeLimitMs.hard === undefined ? {} : { timeLimitMs: timeLimitMs.hard }),
    ...(timeLimitMs.soft === undefined ? {} : { softTimeLimitMs: timeLimitMs.soft }),
    ...(request.ignoreResult === undefined ? {} : { ignoreResult: request.ignoreResult }),
    ...(embed.callbacks === null ? {} : { link: embed.callbacks }),
    ...(embed.errbacks === null ? {} : { linkError: embed.errbacks }),
    ...(embed.chain === null ? {} : { chain: embed.chain }),
    ...(embed.chord === null ? {} : { chord: embed.chord }),
  }
}
