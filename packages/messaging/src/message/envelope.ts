/**
 * A message on its way between the messaging layer and a transport.
 *
 * Names are AMQP's, camelCased; each transport translates to its wire once.
 */

import type { MessagingError } from '../errors.ts'

/** The application properties that AMQP 0-9-1 defines, plus any key a transport understands. */
export interface MessageProperties {
  /** 1 = transient, 2 = persistent. */
  readonly deliveryMode?: number
  readonly priority?: number
  readonly correlationId?: string
  readonly replyTo?: string
  /** Milliseconds, as decimal text: AMQP's form. */
  readonly expiration?: string
  readonly messageId?: string
  /** Unix time in seconds. */
  readonly timestamp?: number
  readonly type?: string
  readonly userId?: string
  readonly appId?: string
  readonly clusterId?: string
  /** Anything else that a virtual transport carries as it is, e.g. `MessageGroupId`. */
  readonly [extra: string]: unknown
}

/** Free application data beside the body. */
export type MessageHeaders = Readonly<Record<string, unknown>>

/** A body that has not been touched since the wire. */
export interface EncodedBody {
  readonly data: Uint8Array | string
  /** How `data` stands for bytes: as they are, base64 text, or text to be encoded as UTF-8. */
  readonly encoding: 'bytes' | 'base64' | 'utf-8'
}

/** A message to publish: already serialized and compressed. */
export interface OutgoingMessage {
  readonly exchange: string
  readonly routingKey: string
  readonly contentType: string
  readonly contentEncoding: string
  readonly headers: MessageHeaders
  readonly properties: MessageProperties
  readonly body: Uint8Array | string
  /** Refuse the message when no queue takes it. */
  readonly mandatory: boolean
}

/** A message as it arrived. */
export interface IncomingMessage {
  readonly exchange: string
  readonly routingKey: string
  readonly contentType: string | undefined
  readonly contentEncoding: string | undefined
  readonly headers: MessageHeaders
  readonly properties: MessageProperties
  readonly body: EncodedBody
  /** The broker's, or for virtual transports the envelope's, name of this delivery. */
  readonly deliveryTag: string | number
  readonly redelivered: boolean
  /** Whatever else the transport tells about the delivery. */
  readonly deliveryInfo: Readonly<Record<string, unknown>>
  /** Broadcasts known to be missing just before this one; 0 where the transport cannot tell. */
  readonly missedCount: number
  /** Why this is not a message at all: a foreign item in the queue. `body` is then its original bytes. */
  readonly defect?: MessagingError
}
