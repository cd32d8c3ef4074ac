/** What a publisher is told. */
import {
  ConnectionError,
  type MessagingError,
  type MessagingErrorCode,
  OutcomeUnknownError,
  type OutgoingMessage,
  PublishError,
} from '@dashi/messaging/transport'
import { replyText } from '../errors.ts'

const to = ({ exchange, routingKey }: OutgoingMessage): string =>
  `exchange "${exchange}" with routing key "${routingKey}"`

export function unroutable(message: OutgoingMessage): PublishError {
  return new PublishError(
    'UNROUTABLE',
    `No queue took the message published to ${to(message)}. ` +
      'Bind a queue first, or publish with `mandatory: false` if nobody need receive it',
  )
}

/** `basic.nack`: e.g. a queue with `x-overflow: reject-publish` that is full. */
export function refused(message: OutgoingMessage): PublishError {
  return new PublishError(
    'REFUSED',
    `RabbitMQ did not take the message published to ${to(message)}: ` +
      'a queue that it leads to is full, or failed. Publish again later, or look at the limits of the queue',
  )
}

export function tooLarge(
  message: OutgoingMessage,
  { size, limit }: { readonly size: number; readonly limit: number },
): PublishError {
  return new PublishError(
    'TOO_LARGE',
    `Cannot publish ${size} bytes to ${to(message)}: at most ${limit} are taken. ` +
      'Compress the body or store it elsewhere and send a reference; if the broker takes more, raise "maxPayloadBytes"',
  )
}

/** The deadline passed and nothing was written. */
export function neverSent(message: OutgoingMessage, reason: string): PublishError {
  return new PublishError(
    'REFUSED',
    `The message for ${to(message)} was not sent before its deadline: ${reason}. Publish again later`,
  )
}

/** The deadline passed after the message was written. */
export function unconfirmed(message: OutgoingMessage, timeoutMs: number): OutcomeUnknownError {
  return new OutcomeUnknownError(
    `RabbitMQ did not confirm the message for ${to(message)} within ${timeoutMs} ms: it may or may not have it. ` +
      'Publish again if a duplicate is harmless, or raise `operationTimeoutMs`',
  )
}

/** The channel or the connection ended after the message was written. */
export function interrupted(message: OutgoingMessage, cause: Error): OutcomeUnknownError {
  return new OutcomeUnknownError(
    `Cannot tell whether RabbitMQ has the message for ${to(message)}: ${cause.message}. Publish again if a duplicate is harmless`,
    { cause },
  )
}

/** The connection ended before the message was written. */
export function notSent(message: OutgoingMessage, cause: MessagingError): MessagingError {
  const code = cause.code === 'CONNECTION_CLOSED' ? 'CONNECTION_CLOSED' : 'CONNECTION_LOST'
  return new ConnectionError(
    code,
    `The message for ${to(message)} was not sent: ${cause.message}`,
    { cause },
  )
}

/** The broker closed the channel because of this very message. */
export function rejected(message: OutgoingMessage, cause: MessagingError): PublishError {
  const said = replyText(cause.cause ?? cause)
  const { code, hint } = complaintOf(cause, said)
  return new PublishError(
    code,
    `RabbitMQ refused the message for ${to(message)}: ${said}. ${hint}`,
    { cause },
  )
}

interface RefusalKind {
  readonly code: MessagingErrorCode
  readonly hint: string
}

function complaintOf({ code }: MessagingError, said: string): RefusalKind {
  if (code === 'NOT_FOUND')
    return { code: 'EXCHANGE_NOT_DECLARED', hint: 'Declare the exchange first' }
  // RabbitMQ has the code of a failed precondition for it.
  if (/message size \d+/.test(said))
    return {
      code: 'TOO_LARGE',
      hint: 'Compress the body or store it elsewhere and send a reference, or raise `max_message_size` in the broker',
    }
  if (code === 'ACCESS_REFUSED')
    return { code, hint: 'Give the user permission to write to it in this virtual host' }
  return { code, hint: 'Nothing of it was stored: change the message before publishing it again' }
}

/** A message came back, and nobody waits for an answer about it. */
export function returnedUnasked(
  returned: { readonly exchange: string; readonly routingKey: string },
  reason: string,
): PublishError {
  const { exchange, routingKey } = returned
  return new PublishError(
    'UNROUTABLE',
    `No queue took a message published to exchange "${exchange}" with routing key "${routingKey}" (${reason}). ` +
      'Publish with `confirms: true` to have its publish() reject',
  )
}
