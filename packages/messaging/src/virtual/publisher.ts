/** From an outgoing message to the queues of a store: encode, route, append, answer. */
import { ChannelError, PublishError } from '../errors.ts'
import type { OutgoingMessage } from '../message/envelope.ts'
import type { ConnectOptions } from '../transport/transport.ts'
import { DeliveryTags } from './delivery-tag.ts'
import { EnvelopeWriter } from './envelope-writer.ts'
import { PutBatch } from './put-batch.ts'
import type {
  BindingTable,
  QueueStore,
  RoutableMessage,
  StoredMessage,
  StoreSession,
} from './queue-store.ts'
import { routeToQueues } from './route.ts'
import type { VirtualTopology } from './topology.ts'
import type { VirtualSettings } from './virtual-options.ts'

/** What a publisher works with. */
export interface PublisherParts {
  readonly store: QueueStore
  readonly session: StoreSession
  readonly bindings: BindingTable
  readonly topology: VirtualTopology
  readonly settings: VirtualSettings
}

/** Publishes for all channels of one connection. */
export class VirtualPublisher {
  readonly #parts: PublisherParts
  readonly #tags: DeliveryTags
  readonly #envelopes: EnvelopeWriter
  readonly #puts: PutBatch<StoredMessage, void>
  readonly #routes: PutBatch<RoutableMessage, number>
  readonly #sequences = new Map<string, number>()
  readonly #sender = crypto.randomUUID()
  /** Messages that no queue wanted and nobody missed. */
  unroutableCount = 0

  constructor(parts: PublisherParts, options: ConnectOptions) {
    this.#parts = parts
    this.#tags = new DeliveryTags(parts.settings.now)
    this.#envelopes = new EnvelopeWriter(parts.settings.bodyEncoding)
    const { session } = parts
    this.#puts = new PutBatch<StoredMessage, void>(async (messages) => {
      await session.put(messages)
      return new Array<undefined>(messages.length).fill(undefined)
    }, options)
    this.#routes = new PutBatch(
      async (messages) => (await session.route?.(messages)) ?? [],
      options,
    )
  }

  /** Resolves when everything published before has its answer. */
  async done(): Promise<void> {
    await Promise.all([this.#puts.done(), this.#routes.done()])
  }

  /** @throws {PublishError} `UNROUTABLE`, `TOO_LARGE`, `REFUSED`, `EXCHANGE_NOT_DECLARED`; {OutcomeUnknownError}. */
  publish(message: OutgoingMessage): Promise<void> {
    if (message.exchange === '') return this.#putInto(message)
    const type = this.#parts.topology.exchangeType(message.exchange)
    if (type !== undefined) return this.#publishTo(type, message)
    return this.#lookUpType(message.exchange).then((found) => this.#publishTo(found, message))
  }

  #putInto(message: OutgoingMessage): Promise<void> {
    const payload = this.#encode(message)
    if (payload instanceof PublishError) return Promise.reject(payload)
    return this.#puts.add({ queue: message.routingKey, payload, priority: priorityOf(message) })
  }

  #publishTo(type: string, message: OutgoingMessage): Promise<void> {
    if (type === 'fanout' && this.#parts.session.broadcaster) return this.#broadcast(message)
    const payload = this.#encode(message)
    if (payload instanceof PublishError) return Promise.reject(payload)
    const { settings, session } = this.#parts
    const byStore =
      session.route !== undefined &&
      (type === 'direct' || (type === 'topic' && settings.topicMatching === 'kombu'))
    const reached = byStore
      ? this.#routeInStore(type, message, payload)
      : this.#routeHere(type, message, payload)
    return reached.then((count) => (count === 0 ? this.#unrouted(message, payload) : undefined))
  }

  #routeInStore(
    type: 'direct' | 'topic',
    message: OutgoingMessage,
    payload: string,
  ): Promise<number> {
    const { exchange, routingKey } = message
    return this.#routes.add({
      exchange,
      exchangeType: type,
      routingKey,
      payload,
      priority: priorityOf(message),
    })
  }

  async #routeHere(type: string, message: OutgoingMessage, payload: string): Promise<number> {
    const bindings = await this.#parts.bindings.lookup(message.exchange)
    const { topicMatching } = this.#parts.settings
    const queues = routeToQueues(bindings, message, { exchangeType: type, topicMatching })
    const priority = priorityOf(message)
    await Promise.all(queues.map((queue) => this.#puts.add({ queue, payload, priority })))
    return queues.length
  }

  async #broadcast(message: OutgoingMessage): Promise<void> {
    const payload = this.#encode(this.#numbered(message))
    if (payload instanceof PublishError) throw payload
    const receivers = await this.#parts.session.broadcaster?.publish(
      message.exchange,
      message.routingKey,
      payload,
    )
    if (receivers === 0) await this.#unrouted(message, payload)
  }

  /** Broadcasts are numbered per sender and key, so that a receiver can count what it missed. */
  #numbered(message: OutgoingMessage): OutgoingMessage {
    const stream = `${message.exchange}/${message.routingKey}`
    const sequence = (this.#sequences.get(stream) ?? 0) + 1
    this.#sequences.set(stream, sequence)
    return { ...message, properties: { ...message.properties, sender: this.#sender, sequence } }
  }

  async #unrouted(message: OutgoingMessage, payload: string): Promise<void> {
    const { deadletterQueue } = this.#parts.settings
    if (deadletterQueue !== undefined) {
      await this.#puts.add({ queue: deadletterQueue, payload, priority: priorityOf(message) })
    } else if (message.mandatory) {
      throw unroutable(message)
    } else {
      this.unroutableCount += 1
    }
  }

  async #lookUpType(exchange: string): Promise<string> {
    const type = await this.#parts.bindings.exchangeType(exchange)
    if (type !== undefined) return type
    throw new PublishError(
      'EXCHANGE_NOT_DECLARED',
      `Cannot publish to exchange "${exchange}": this connection has not declared it and its type is not recorded in the broker. ` +
        'Declare it first (pass the Exchange itself to publish(), to producer(), or in `declare`)',
    )
  }

  #encode(message: OutgoingMessage): string | PublishError {
    const { maxPayloadBytes: limit } = this.#parts.store
    // Not even encoded: twice the text of a large body may be more than the process has.
    if (message.body.length > limit) return this.#tooLarge(message, message.body.length)
    const payload = this.#envelopes.write(message, this.#tags.next())
    // A character is three bytes at most, so that counting them is rarely needed.
    if (payload.length * 3 <= limit) return payload
    const size = Buffer.byteLength(payload)
    return size <= limit ? payload : this.#tooLarge(message, size)
  }

  #tooLarge(message: OutgoingMessage, size: number): PublishError {
    const { name, maxPayloadBytes } = this.#parts.store
    return new PublishError(
      'TOO_LARGE',
      `Cannot publish ${size} bytes to exchange "${message.exchange}" with routing key "${message.routingKey}": ` +
        `transport "${name}" takes at most ${maxPayloadBytes}. Compress the body or store it elsewhere and send a reference`,
    )
  }
}

function unroutable(message: OutgoingMessage): PublishError {
  return new PublishError(
    'UNROUTABLE',
    `No queue took the message published to exchange "${message.exchange}" with routing key "${message.routingKey}". ` +
      'Bind a queue first, or publish with `mandatory: false` if nobody need receive it',
  )
}

/** A missing or foreign exchange is the caller's affair, as for every broker. */
export function isUnroutable(error: unknown): boolean {
  return (
    error instanceof ChannelError || (error instanceof PublishError && error.code === 'UNROUTABLE')
  )
}

function priorityOf(message: OutgoingMessage): number {
  return message.properties.priority ?? 0
}
