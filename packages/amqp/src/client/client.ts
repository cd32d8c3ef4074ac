/**
 * The subset of an AMQP client that the transport uses, on amqplib: one connection, its channels, its end.
 *
 * Never reconnects. Everything that it says about its end is said once, in `closed`.
 */
import {
  ConnectionError,
  type MessagingError,
  type OperationOptions,
} from '@dashi/messaging/transport'
import type { Channel, ChannelModel } from 'amqplib'
import { channelRefused, connectionLost, connectionRefused } from '../errors.ts'
import type { AmqpSettings } from '../settings.ts'
import { type RawConnection, rawConnectionOf } from './amqplib-internals.ts'
import { ClientChannel } from './client-channel.ts'
import { FrameIntake } from './frame-intake.ts'
import { openModel } from './open-model.ts'
import { SilenceWatch } from './silence-watch.ts'
import { TurnWriter } from './turn-writer.ts'

/** Who is told of what happens on a connection. */
export interface ClientListener {
  /** Something that ends nothing. */
  report(notice: MessagingError): void
}

/** How to open a connection. */
export interface ClientOptions extends OperationOptions, ClientListener {
  readonly settings: AmqpSettings
  /** What it is for, in the broker's list of connections. */
  readonly role: 'consume' | 'publish' | 'declare'
}

/** One connection to RabbitMQ. */
export class Client {
  readonly intake: FrameIntake
  readonly writer: TurnWriter
  readonly frameMax: number
  readonly #model: ChannelModel
  readonly #raw: RawConnection
  readonly #options: ClientOptions
  readonly #silence: SilenceWatch
  readonly #ended = Promise.withResolvers<MessagingError | undefined>()
  readonly #resumeListeners = new Set<() => void>()
  #lastError: Error | undefined
  #blockedReason: string | undefined
  #isClosing = false
  #isOver = false

  constructor(model: ChannelModel, options: ClientOptions) {
    this.#model = model
    this.#options = options
    this.#raw = rawConnectionOf(model)
    this.frameMax = this.#raw.frameMax
    this.intake = new FrameIntake(this.#raw)
    this.writer = new TurnWriter(this.#raw, () => this.#resume())
    this.#silence = new SilenceWatch(this.intake, {
      longestMs: options.settings.readTimeoutMs,
      onSilence: (error) => this.destroy(error),
    })
    this.#listen()
  }

  /** @throws {ConnectionError} `CONNECTION_REFUSED`, `ACCESS_REFUSED`; `signal.reason` if aborted first. */
  static async open(options: ClientOptions): Promise<Client> {
    const { settings, role, signal } = options
    try {
      return new Client(await openModel(settings, { role, signal }), options)
    } catch (error) {
      signal?.throwIfAborted()
      throw connectionRefused(error, settings)
    }
  }

  /** With the error if it was lost, `undefined` after `close()`. Never rejects. */
  get closed(): Promise<MessagingError | undefined> {
    return this.#ended.promise
  }

  get isOver(): boolean {
    return this.#isOver
  }

  /** The broker's version, e.g. `3.10.8`. */
  get brokerVersion(): string {
    return String(this.#raw.serverProperties['version'] ?? '')
  }

  /** Why the broker takes no messages now, e.g. `low on memory`. */
  get blockedReason(): string | undefined {
    return this.#blockedReason
  }

  /** Whether frames may be written now: the broker takes messages, and the socket is not full. */
  get isWritable(): boolean {
    return this.#blockedReason === undefined && !this.writer.isFull
  }

  /** Calls when writing may go on. @returns how to stop. */
  onResume(listener: () => void): () => void {
    this.#resumeListeners.add(listener)
    return () => this.#resumeListeners.delete(listener)
  }

  /** @param confirms whether the broker confirms what is published on it. */
  async openChannel(confirms: boolean): Promise<ClientChannel> {
    if (this.#isOver) throw this.#lostError()
    try {
      const channel: Channel = confirms
        ? await this.#model.createConfirmChannel()
        : await this.#model.createChannel()
      return new ClientChannel(channel, this)
    } catch (error) {
      throw this.#isOver ? this.#lostError() : channelRefused(error)
    }
  }

  /** Says goodbye and waits for the answer. Idempotent. */
  async close(): Promise<void> {
    if (!this.#isOver && !this.#isClosing) {
      this.#isClosing = true
      this.writer.flush()
      // amqplib forgets its answer when the connection is cut meanwhile.
      await Promise.race([this.#model.close(), this.closed])
    }
    await this.closed
  }

  /** Ends at once, without goodbye. */
  destroy(error?: MessagingError): void {
    if (this.#isOver) return
    this.#isClosing ||= error === undefined
    this.#lastError = error
    // amqplib tidies up at an error of its stream, and only then.
    this.#raw.stream.destroy(error ?? new Error('The connection was destroyed by its owner'))
  }

  #listen(): void {
    const model = this.#model
    model.on('error', (error) => {
      this.#lastError ??= error
    })
    model.on('close', (error?: Error) => this.#end(error))
    model.on('blocked', (reason) => this.#blocked(reason))
    model.on('unblocked', () => this.#unblocked())
  }

  #end(error: Error | undefined): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#lastError ??= error
    this.#silence.end()
    this.writer.end()
    this.#raw.stream.destroy()
    this.#resumeListeners.clear()
    this.#ended.resolve(this.#isClosing ? undefined : this.#lostError())
  }

  #lostError(): MessagingError {
    return connectionLost(this.#lastError, this.#options.settings)
  }

  #blocked(reason: string): void {
    this.#blockedReason = reason
    this.#options.report(blockedNotice(reason))
  }

  #unblocked(): void {
    this.#blockedReason = undefined
    this.#options.report(
      new ConnectionError('REFUSED', 'The broker takes messages again: publishing goes on'),
    )
    this.#resume()
  }

  #resume(): void {
    if (this.isWritable) for (const listener of this.#resumeListeners) listener()
  }
}

function blockedNotice(reason: string): ConnectionError {
  return new ConnectionError(
    'REFUSED',
    `The broker takes no messages now: ${reason}. Publishing waits until it does; free memory or disk there`,
  )
}
