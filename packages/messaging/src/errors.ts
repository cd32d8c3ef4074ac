/**
 * Every error that Dashi's messaging layer raises on purpose.
 *
 * A subclass exists only where a caller acts differently on it; `code` tells the cases apart.
 * Messages say what failed, on which thing, why, and what to do next.
 */

/** The closed list of reasons. Stable: code may be matched on and linked to. */
export type MessagingErrorCode =
  /** The broker refused the connection, or nobody listens at its address. */
  | 'CONNECTION_REFUSED'
  /** The connection existed and was lost; the supervisor is bringing it back. */
  | 'CONNECTION_LOST'
  /** The connection (or channel, consumer, pool) was closed by its owner. */
  | 'CONNECTION_CLOSED'
  /** The broker does not accept these credentials, or not for this action. */
  | 'ACCESS_REFUSED'
  /** A deadline passed before the broker answered. */
  | 'TIMED_OUT'
  /** A queue, exchange or binding does not exist. */
  | 'NOT_FOUND'
  /** A declaration contradicts what exists. */
  | 'PRECONDITION_FAILED'
  /** An exclusive thing belongs to somebody else. */
  | 'RESOURCE_LOCKED'
  /** The queue of a running consumer is gone. */
  | 'CONSUMER_CANCELLED'
  /** No queue matched a message that had to be routed. */
  | 'UNROUTABLE'
  /** The exchange's type is not known, so the message cannot be routed safely. */
  | 'EXCHANGE_NOT_DECLARED'
  /** The broker said no: out of memory, read-only, rejected by policy. */
  | 'REFUSED'
  /** The broker may or may not have taken the message. */
  | 'OUTCOME_UNKNOWN'
  /** A message is larger than the configured bound. */
  | 'TOO_LARGE'
  /** A value cannot be encoded by the chosen serializer. */
  | 'NOT_ENCODABLE'
  /** Bytes are not what their content type says. */
  | 'NOT_DECODABLE'
  /** The content type is not in the list of accepted ones. */
  | 'CONTENT_DISALLOWED'
  /** No serializer or compressor of that name is registered. */
  | 'CODEC_NOT_INSTALLED'
  /** A message was settled twice. */
  | 'ALREADY_SETTLED'
  /** The broker gave the message to somebody else: its lease or its connection ended. */
  | 'LEASE_LOST'
  /** The transport does not have this capability. */
  | 'UNSUPPORTED'
  /** An option or URL is wrong. */
  | 'BAD_OPTION'
  /** No transport is known for a URL scheme. */
  | 'UNKNOWN_SCHEME'
  /** The package that implements a transport is not installed. */
  | 'MISSING_PACKAGE'
  /** A queue has no message. */
  | 'EMPTY'
  /** A pool has no free item. */
  | 'LIMIT_EXCEEDED'
  /** No live worker has the wanted capability, or the chosen one died. */
  | 'NO_WORKER'
  /** A remote handler answered with an error. */
  | 'REMOTE_ERROR'

const marker = Symbol.for('@dashi/messaging/error')

/** Base of all errors raised by Dashi on purpose. */
export class MessagingError extends Error {
  readonly code: MessagingErrorCode

  constructor(code: MessagingErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
    this.name = new.target.name
    Object.defineProperty(this, marker, { value: true })
  }

  /** True for errors of this family, from whichever copy of the package. */
  static is(value: unknown): value is MessagingError {
    return value instanceof Error && marker in value
  }
}

/** The way to the broker: refused, lost, closed, unauthorised. Kombu's `connection_errors`. */
export class ConnectionError extends MessagingError {}

/** The broker answered an operation with an error; the connection is fine. Kombu's `channel_errors`. */
export class ChannelError extends MessagingError {}

/** The message is definitely not in the broker. */
export class PublishError extends MessagingError {}

/** The broker may or may not have the message: the connection broke before its answer. */
export class OutcomeUnknownError extends PublishError {
  constructor(message: string, options?: ErrorOptions) {
    super('OUTCOME_UNKNOWN', message, options)
  }
}

/** A value could not be turned into bytes. */
export class EncodeError extends MessagingError {}

/** Bytes could not be turned into a value. */
export class DecodeError extends MessagingError {}

/** The content type of a message is not accepted here. */
export class ContentDisallowedError extends DecodeError {
  constructor(message: string, options?: ErrorOptions) {
    super('CONTENT_DISALLOWED', message, options)
  }
}

/** A message was settled a second time. */
export class MessageStateError extends MessagingError {
  constructor(message: string, options?: ErrorOptions) {
    super('ALREADY_SETTLED', message, options)
  }
}

/** The message is no longer ours: it will be, or has been, delivered again. */
export class LeaseLostError extends MessagingError {
  constructor(message: string, options?: ErrorOptions) {
    super('LEASE_LOST', message, options)
  }
}

/** A deadline passed. Kombu's `socket.timeout`. */
export class TimeoutError extends MessagingError {
  constructor(message: string, options?: ErrorOptions) {
    super('TIMED_OUT', message, options)
  }
}

/** The transport lacks a capability. */
export class UnsupportedError extends MessagingError {
  constructor(message: string, options?: ErrorOptions) {
    super('UNSUPPORTED', message, options)
  }
}

/** A URL or an option is wrong; nothing was tried. */
export class ConfigurationError extends MessagingError {}

/** A queue has no message, or none came in time. Kombu's `Empty`. */
export class EmptyError extends MessagingError {
  constructor(message: string, options?: ErrorOptions) {
    super('EMPTY', message, options)
  }
}

/** A bounded pool is exhausted. */
export class LimitExceededError extends MessagingError {
  constructor(message: string, options?: ErrorOptions) {
    super('LIMIT_EXCEEDED', message, options)
  }
}

/** A call to another process failed there, or found nobody to answer. */
export class RemoteError extends MessagingError {}

/** What a caught value says, for the end of an error message. */
export function reasonOf(value: unknown): string {
  return value instanceof Error ? value.message : String(value)
}
