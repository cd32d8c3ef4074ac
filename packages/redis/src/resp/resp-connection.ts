import type { Socket } from 'node:net'
import { LostError, type ReplyError } from '../connection/client-errors.ts'
import type { Argument } from '../connection/command.ts'
import { CommandWriter } from './command-writer.ts'
import { openSocket, type SocketTarget } from './open-socket.ts'
import { PendingCommand, PendingList } from './pending-list.ts'
import { type Reply, UnreadableReplyError } from './reply.ts'
import { ReplyReader, type ReplySink } from './reply-reader.ts'
import { isConfirmation, type SubscriptionChange, Subscriptions } from './subscriptions.ts'

/**
 * One conversation in RESP3: commands out, answers in their order, and what the server says by itself.
 *
 * Ends once, with everything that has no answer: on the first error of the socket, on the first answer that cannot
 * be read, or by `end()`.
 */
export class RespConnection {
  readonly #socket: Socket
  readonly #writer: CommandWriter
  readonly #reader: ReplyReader
  readonly #pending = new PendingList()
  readonly #subscriptions = new Subscriptions()
  readonly #invalidated = new Set<(key: string | undefined) => void>()
  readonly #moved = new Set<(channel: string) => void>()
  readonly #opened = Promise.withResolvers<void>()
  readonly #closed = Promise.withResolvers<Error | undefined>()
  #isEnded = false
  #reason: Error | undefined
  #sentCount = 0
  #answeredCount = 0
  #receivedCount = 0

  /** Begins to connect. */
  constructor(target: SocketTarget) {
    this.#socket = openSocket(target, {
      onOpen: () => this.#opened.resolve(),
      onBytes: (bytes, length) => this.#read(bytes, length),
      onEnd: (error) => this.end(error ?? new Error('the server closed the connection')),
    })
    this.#writer = new CommandWriter(this.#socket)
    this.#reader = new ReplyReader(this.#sink())
    this.#opened.promise.catch(() => undefined)
  }

  /** Resolves when commands can be sent. @throws why it ended before. */
  get opened(): Promise<void> {
    return this.#opened.promise
  }

  /** Settles with the reason of the end; `undefined` after an `end()` without. */
  get closed(): Promise<Error | undefined> {
    return this.#closed.promise
  }

  get sentCount(): number {
    return this.#sentCount
  }

  get answeredCount(): number {
    return this.#answeredCount
  }

  /** How often something came, were it only a piece of an answer. */
  get receivedCount(): number {
    return this.#receivedCount
  }

  /**
   * Sends a command at the end of this turn.
   *
   * @param asBytes Whether bulk strings in the answer are bytes.
   * @throws {ReplyError} the server refused; {LostError} the connection ended first; {BacklogError} the server does not read.
   */
  send<Answer>(command: readonly Argument[], asBytes: boolean): Promise<Answer> {
    return this.#enqueue(command, new PendingCommand(asBytes, undefined))
  }

  /** Subscribes or unsubscribes. Resolves when the server has confirmed it. The listener must not throw. */
  change(change: SubscriptionChange): Promise<void> {
    const { verb, name } = change
    return this.#enqueue([verb.toUpperCase(), name], new PendingCommand(false, change))
  }

  /** Told of each key that changed since it was read, `undefined` for all. */
  onInvalidated(listener: (key: string | undefined) => void): void {
    this.#invalidated.add(listener)
  }

  /** Told of a sharded channel whose subscription the server has ended by itself. */
  onShardMoved(listener: (channel: string) => void): void {
    this.#moved.add(listener)
  }

  /** Ends at once. Idempotent. */
  end(reason: Error | undefined): void {
    if (this.#isEnded) return
    this.#isEnded = true
    this.#reason = reason
    this.#reader.stop()
    this.#writer.stop()
    this.#socket.destroy()
    this.#opened.reject(this.#lost(false))
    this.#closed.resolve(reason)
    this.#rejectPending()
  }

  #enqueue<Answer>(command: readonly Argument[], pending: PendingCommand): Promise<Answer> {
    if (this.#isEnded) return Promise.reject(this.#lost(false))
    try {
      this.#writer.add(command)
    } catch (error) {
      return Promise.reject(error)
    }
    this.#sentCount += 1
    this.#pending.push(pending)
    return pending.answer
  }

  #rejectPending(): void {
    const sentCount = this.#pending.length - this.#writer.waitingCount
    const sent = this.#lost(true)
    const unsent = this.#lost(false)
    for (let count = 1; ; count += 1) {
      const pending = this.#pending.shift()
      if (pending === undefined) return
      pending.reject(count <= sentCount ? sent : unsent)
    }
  }

  #lost(wasSent: boolean): LostError {
    const cause = this.#reason
    return new LostError(cause?.message ?? 'the connection was closed', { cause, wasSent })
  }

  #read(bytes: Buffer, length: number): void {
    this.#receivedCount += 1
    try {
      this.#reader.read(bytes, length)
    } catch (error) {
      this.end(error instanceof Error ? error : new Error(String(error)))
    }
  }

  #sink(): ReplySink {
    return {
      wantsBytes: () => this.#pending.first?.asBytes ?? false,
      onReply: (reply) => this.#answered(reply),
      onRefusal: (error) => this.#refused(error),
      onPush: (values) => this.#pushed(values),
    }
  }

  #answered(reply: Reply): void {
    if (this.#pending.first?.change !== undefined) throw unasked()
    this.#replied().resolve(reply as never) // The shape is the caller's promise.
  }

  #replied(): PendingCommand {
    const pending = this.#pending.shift()
    if (pending === undefined) throw unasked()
    this.#answeredCount += 1
    return pending
  }

  /** A server that refuses the connection itself says so before anything was asked. */
  #refused(error: ReplyError): void {
    if (this.#pending.length === 0) this.end(error)
    else this.#replied().reject(error)
  }

  #pushed(values: readonly Reply[]): void {
    if (this.#subscriptions.deliver(values)) return
    const [kind, subject] = values
    if (isConfirmation(kind)) this.#confirmed(kind, subject)
    else if (kind === 'invalidate') this.#invalidate(subject)
    // What else a server may say is not for us: RESP3 wants it ignored.
  }

  #confirmed(verb: SubscriptionChange['verb'], name: Reply | undefined): void {
    const change = this.#pending.first?.change
    if (change?.verb === verb && change.name === name) {
      this.#subscriptions.confirmed(change)
      this.#replied().resolve(undefined as never) // The answer of `change()` is nothing.
    } else if (typeof name === 'string' && this.#subscriptions.ended(verb, name)) {
      this.#endedByServer(verb, name)
    }
  }

  #endedByServer(verb: SubscriptionChange['verb'], name: string): void {
    if (verb !== 'sunsubscribe') throw new Error(`the server ended the subscription to "${name}"`)
    for (const listener of this.#moved) listener(name)
  }

  #invalidate(keys: Reply | undefined): void {
    const names = Array.isArray(keys) ? keys : [undefined]
    for (const listener of this.#invalidated) {
      for (const name of names) listener(name)
    }
  }
}

function unasked(): UnreadableReplyError {
  return new UnreadableReplyError('the server answered what nobody had asked')
}
