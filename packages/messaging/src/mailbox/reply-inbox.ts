/** The reply queue of a mailbox: there while calls are under way, shared by all of them. */
import type { SupervisedConnection } from '../connection/supervised-connection.ts'
import { Consumer } from '../consumer.ts'
import type { Queue } from '../entity/queue.ts'
import { DecodeError } from '../errors.ts'
import type { Message } from '../message/message.ts'
import type { OperationOptions } from '../operation-options.ts'
import { adjustToMessage } from './clock-header.ts'
import type { MailboxSettings } from './mailbox-options.ts'
import { type MailboxReply, UnclaimedReplies } from './unclaimed-replies.ts'

/** Closing must not hold up a call whose replies are there; what stays behind expires. */
const closeTimeoutMs = 2_000

/** Counts its users: the first opens it, the last closes it, and replies find their call by ticket. */
export class ReplyInbox {
  readonly unclaimed: UnclaimedReplies = new UnclaimedReplies()
  readonly #connection: SupervisedConnection
  readonly #queue: Queue
  readonly #settings: MailboxSettings
  readonly #receivers = new Map<string, (reply: MailboxReply) => void>()
  #userCount = 0
  #consumer: Consumer | undefined
  #turn: Promise<void> = Promise.resolve()

  constructor(connection: SupervisedConnection, queue: Queue, settings: MailboxSettings) {
    this.#connection = connection
    this.#queue = queue
    this.#settings = settings
  }

  /** Resolves when replies can arrive. Each `open()` wants one `close()`, also when it rejects. */
  open(options: OperationOptions): Promise<void> {
    this.#userCount += 1
    return this.#inTurn(() => this.#start(options))
  }

  close(): Promise<void> {
    this.#userCount -= 1
    return this.#inTurn(() => this.#stopIfUnused())
  }

  expect(ticket: string, receiver: (reply: MailboxReply) => void): void {
    this.#receivers.set(ticket, receiver)
  }

  forget(ticket: string): void {
    this.#receivers.delete(ticket)
  }

  /** Opening and closing do not overlap. */
  #inTurn(step: () => Promise<void>): Promise<void> {
    const done = this.#turn.then(step)
    // Whoever asked for the step is told of its failure; the next step does not depend on it.
    this.#turn = done.catch(() => undefined)
    return done
  }

  async #start(options: OperationOptions): Promise<void> {
    if (this.#consumer) return
    const consumer = new Consumer(this.#connection, {
      queues: [this.#queue],
      noAck: true,
      accept: this.#settings.accept,
      callbacks: [(body, message) => this.#receive(body, message)],
      onDecodeError: (_message, error) => this.#connection.warn(error),
      onCallbackError: (_message, error) => this.#connection.warn(error),
    })
    try {
      await consumer.consume(options)
      this.#consumer = consumer
    } catch (error) {
      await consumer.close().catch((failure: unknown) => this.#connection.warn(failure))
      throw error
    }
  }

  async #stopIfUnused(): Promise<void> {
    const consumer = this.#consumer
    if (this.#userCount > 0 || !consumer) return
    this.#consumer = undefined
    try {
      await this.#remove(consumer, { signal: AbortSignal.timeout(closeTimeoutMs) })
    } catch (error) {
      this.#connection.warn(error)
    }
  }

  /** The queue goes at once, as Kombu has it on brokers that would keep it. */
  async #remove(consumer: Consumer, options: OperationOptions): Promise<void> {
    const { channel } = consumer
    if (!channel.isOpen) return
    if (this.#connection.connected) {
      await consumer.cancel(options)
      await this.#queue.delete(channel, options)
    }
    await consumer.close(options)
  }

  #receive(body: unknown, message: Message): void {
    const { ticket, expires } = message.headers
    adjustToMessage(this.#settings.clock, message)
    if (typeof expires === 'number' && expires > 0 && expires < Date.now() / 1000) return
    if (!isReply(body) || typeof ticket !== 'string') throw noReply(this.#queue)
    const receiver = this.#receivers.get(ticket)
    if (receiver) receiver(body)
    else this.unclaimed.add(ticket, body)
  }
}

function isReply(body: unknown): body is MailboxReply {
  return typeof body === 'object' && body !== null && !Array.isArray(body)
}

function noReply(queue: Queue): DecodeError {
  return new DecodeError(
    'NOT_DECODABLE',
    `A message in reply queue "${queue.name}" is no reply: it needs a ticket in its headers and an object as its body. It was ignored`,
  )
}
