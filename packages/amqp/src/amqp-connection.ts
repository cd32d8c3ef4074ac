/** One connection to RabbitMQ as the messaging layer sees it: two AMQP connections, of which one only publishes. */
import {
  ConnectionError,
  type ConnectOptions,
  type ExchangeDeclaration,
  type MessagingError,
  type OperationOptions,
  type TransportChannel,
  type TransportConnection,
} from '@dashi/messaging/transport'
import { AmqpChannel } from './amqp-channel.ts'
import { Client } from './client/client.ts'
import type { ClientChannel } from './client/client-channel.ts'
import { ControlChannel } from './control-channel.ts'
import { connectionLost } from './errors.ts'
import { unknownType } from './exchange-types.ts'
import type { PublisherParts } from './publish/publisher.ts'
import type { AmqpSettings } from './settings.ts'
import { within } from './within.ts'

const mebibyte = 1024 * 1024

/**
 * RabbitMQ stops reading from a connection whose publishing it wants to slow down. Acknowledgements would then be stuck
 * behind, so publishing has a connection of its own, opened with the first message. The end of either is the end of both.
 */
export class AmqpConnection implements TransportConnection {
  readonly control: ControlChannel
  /** Declared here as going with their last consumer. */
  readonly autoDeleteQueues: Set<string> = new Set()
  readonly #settings: AmqpSettings
  readonly #options: ConnectOptions
  readonly #client: Client
  #publishing: Promise<Client> | undefined
  readonly #channels = new Set<AmqpChannel>()
  readonly #ended = Promise.withResolvers<MessagingError | undefined>()
  readonly #stop = new AbortController()

  constructor(client: Client, settings: AmqpSettings, options: ConnectOptions) {
    this.#client = client
    this.#settings = settings
    this.#options = options
    this.control = new ControlChannel(client)
    void client.closed.then((error) => this.#end(error))
  }

  static async open(settings: AmqpSettings, options: ConnectOptions): Promise<AmqpConnection> {
    const report = (notice: MessagingError) => options.report?.(notice)
    const { signal } = options
    const client = await Client.open({ settings, role: 'consume', signal, report })
    return new AmqpConnection(client, settings, options)
  }

  get closed(): Promise<MessagingError | undefined> {
    return this.#ended.promise
  }

  async openChannel(options: OperationOptions): Promise<TransportChannel> {
    const channel = new AmqpChannel(this, await within(this.#client.openChannel(false), options))
    this.#channels.add(channel)
    void channel.closed.then(() => this.#retire(channel))
    return channel
  }

  async #retire(channel: AmqpChannel): Promise<void> {
    this.#channels.delete(channel)
    try {
      await channel.retire()
    } catch (error) {
      // Its end was told already; what is left to say ends nothing.
      this.report(connectionLost(error, this.#settings))
    }
  }

  /** Declares on a connection made for it, which the broker may end. */
  async declareElsewhere(
    declaration: ExchangeDeclaration,
    options: OperationOptions,
  ): Promise<void> {
    const { signal } = options
    const report = (notice: MessagingError) => this.report(notice)
    const client = await Client.open({ settings: this.#settings, role: 'declare', signal, report })
    try {
      await within(
        new ControlChannel(client).ask((it) => it.declareExchange(declaration)),
        options,
      )
    } catch (error) {
      const isRefused = error instanceof ConnectionError && error.code === 'REFUSED'
      throw isRefused ? unknownType(declaration.name, declaration.type, error) : error
    } finally {
      client.destroy()
    }
  }

  /** In order if that is possible in time; over in any case. */
  async close(options: OperationOptions): Promise<void> {
    try {
      await within(this.#close(options), options)
    } catch (error) {
      this.destroy()
      if (error !== options.signal?.reason) throw error
    }
  }

  async #close(options: OperationOptions): Promise<void> {
    for (const channel of this.#channels) await channel.close(options)
    const publishing = await this.#publishing?.catch(() => undefined)
    this.#stop.abort()
    await Promise.all([publishing?.close(), this.#client.close()])
  }

  destroy(error?: MessagingError): void {
    this.#client.destroy(error)
    // A connection that did not come about has said so itself.
    this.#publishing?.then(
      (client) => client.destroy(error),
      () => undefined,
    )
  }

  /** Tells of something that ends nothing. */
  report(notice: MessagingError): void {
    this.#options.report?.(notice)
  }

  publisherParts(): PublisherParts {
    const { confirms, maxUnconfirmed } = this.#settings
    const { publishTimeoutMs, onConfirmed } = this.#options
    return {
      openChannel: () => this.#openPublishChannel(),
      ...{ confirms, maxUnconfirmed, publishTimeoutMs, onConfirmed },
      maxPayloadBytes:
        this.#settings.maxPayloadBytes ?? defaultMaxBytes(this.#client.brokerVersion),
      report: (notice) => this.report(notice),
    }
  }

  async #openPublishChannel(): Promise<ClientChannel> {
    this.#publishing ??= this.#openPublishing()
    const client = await this.#publishing
    return await client.openChannel(this.#settings.confirms)
  }

  async #openPublishing(): Promise<Client> {
    const settings = this.#settings
    const report = (notice: MessagingError) => this.report(notice)
    const timeout = AbortSignal.timeout(this.#options.publishTimeoutMs)
    const signal = AbortSignal.any([timeout, this.#stop.signal])
    try {
      const client = await Client.open({ settings, role: 'publish', signal, report })
      void client.closed.then((error) => this.#end(error))
      return client
    } catch (error) {
      const lost = publishingRefused(error)
      this.destroy(lost)
      throw lost
    }
  }

  /** Of one, and so of both: unless they are being closed, each in its own order. */
  #end(error: MessagingError | undefined): void {
    this.#ended.resolve(error)
    const reason = error ?? closedByOwner()
    this.#stop.abort(reason)
    for (const channel of this.#channels) channel.end(reason)
    if (error) this.destroy(error)
  }
}

/** Source: RabbitMQ's `max_message_size`, in its configuration reference; 16 MiB since 4.0. */
function defaultMaxBytes(brokerVersion: string): number {
  return Number.parseInt(brokerVersion, 10) >= 4 ? 16 * mebibyte : 128 * mebibyte
}

function publishingRefused(error: unknown): ConnectionError {
  const reason = error instanceof Error ? error.message : String(error)
  return new ConnectionError(
    'CONNECTION_LOST',
    `The second connection, for publishing, did not come about: ${reason}`,
    { cause: error },
  )
}

function closedByOwner(): ConnectionError {
  return new ConnectionError('CONNECTION_CLOSED', 'The connection was closed by its owner')
}
