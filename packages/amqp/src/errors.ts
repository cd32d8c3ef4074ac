/**
 * From what RabbitMQ and amqplib say to the errors of `@dashi/messaging`: the one place where that is decided.
 *
 * | RabbitMQ says | means |
 * | --- | --- |
 * | login refused, 402, 530 while connecting | `ConnectionError` ACCESS_REFUSED: trying again cannot help |
 * | 320, a cut, silence | `ConnectionError` CONNECTION_LOST: it is brought back |
 * | 501–506, 530, 540, 541 on a connection | `ConnectionError` REFUSED: what was asked must not be asked again |
 * | 311, 403, 404, 405, 406, 313 on a channel | `ChannelError` TOO_LARGE, ACCESS_REFUSED, NOT_FOUND, RESOURCE_LOCKED, PRECONDITION_FAILED, REFUSED |
 *
 * Source: AMQP 0-9-1, 1.2 (reply codes).
 */
import {
  ChannelError,
  ConnectionError,
  LimitExceededError,
  MessagingError,
  type MessagingErrorCode,
  reasonOf,
} from '@dashi/messaging/transport'
import type { AmqpSettings } from './settings.ts'

const channelCodes: Readonly<Record<number, MessagingErrorCode>> = {
  311: 'TOO_LARGE',
  313: 'REFUSED',
  403: 'ACCESS_REFUSED',
  404: 'NOT_FOUND',
  405: 'RESOURCE_LOCKED',
  406: 'PRECONDITION_FAILED',
}

const advice: Readonly<Record<number, string>> = {
  403: 'Give the user permission to configure, write or read it in this virtual host',
  404: 'Declare it, or check the name and the virtual host',
  405: 'It is exclusive to another connection, or has an exclusive consumer',
  406: 'Declare it with the properties that it has, or delete it first',
}

/** What went wrong, and what the broker had said before. */
export interface Circumstances {
  /** What was tried, e.g. `declare queue "a"`. */
  readonly what: string
  /** The broker's reason for closing the channel. */
  readonly cause: (Error & { readonly code?: number }) | undefined
}

/** The error of an operation on a channel, or of the channel itself. */
export function channelError(error: unknown, { what, cause }: Circumstances): MessagingError {
  if (MessagingError.is(error)) return error
  const said = codeOf(error) === undefined ? (cause ?? error) : error
  const replyCode = codeOf(said)
  const code = replyCode === undefined ? undefined : channelCodes[replyCode]
  if (replyCode === undefined || code === undefined) return channelClosed(what, said)
  const hint = advice[replyCode]
  return new ChannelError(
    code,
    `Cannot ${what}: RabbitMQ answered ${replyText(said)}${hint === undefined ? '' : `. ${hint}`}`,
    { cause: said },
  )
}

/** The error of an operation on a channel that is over. */
export function channelClosed(what: string, cause?: unknown): ChannelError {
  const reason = cause === undefined ? '' : ` (${reasonOf(cause)})`
  return new ChannelError(
    'CONNECTION_CLOSED',
    `Cannot ${what}: the channel was closed${reason}. Open another`,
    { cause },
  )
}

/** The error of a channel that could not be opened on a connection that is there. */
export function channelRefused(error: unknown): MessagingError {
  if (MessagingError.is(error)) return error
  const reason = reasonOf(error)
  if (!/no channels left/i.test(reason)) return channelClosed('open a channel', error)
  return new LimitExceededError(
    `Cannot open another channel on the connection to RabbitMQ: ${reason}. Close some, or raise "channelMax" here and in the broker`,
    { cause: error },
  )
}

/** The error of a connection that was there. */
export function connectionLost(error: unknown, settings: AmqpSettings): MessagingError {
  if (MessagingError.is(error)) return error
  const place = placeOf(settings)
  const replyCode = codeOf(error)
  if (replyCode !== undefined && replyCode >= 402) {
    return new ConnectionError(
      'REFUSED',
      `RabbitMQ at ${place} closed the connection: ${replyText(error)}. What was asked of it cannot be done`,
      { cause: error },
    )
  }
  const reason = error === undefined ? 'it was closed' : reasonOf(error)
  return new ConnectionError(
    'CONNECTION_LOST',
    `The connection to RabbitMQ at ${place} was lost: ${reason}`,
    { cause: error },
  )
}

/** The error of a connection that did not come about. */
export function connectionRefused(error: unknown, settings: AmqpSettings): MessagingError {
  if (MessagingError.is(error)) return error
  const reason = reasonOf(error)
  const failed = `Cannot connect to RabbitMQ at ${placeOf(settings)}`
  // amqplib does not say why the virtual host was refused, only that it was.
  if (/expected connectionopenok/i.test(reason)) {
    return new ConnectionError(
      'ACCESS_REFUSED',
      `${failed}: it refused virtual host "${settings.virtualHost}" to user "${settings.userid}". ` +
        'Create it, permit the user to use it, or raise its limit of connections',
      { cause: error },
    )
  }
  if (/ACCESS.REFUSED|\b403\b|SASL mechanism|NOT.ALLOWED/.test(reason)) {
    return new ConnectionError(
      'ACCESS_REFUSED',
      `${failed} as user "${settings.userid}" with ${settings.loginMethod}: ${reason}. Check user, password and login method`,
      { cause: error },
    )
  }
  return new ConnectionError(
    'CONNECTION_REFUSED',
    `${failed}: ${reason || 'no answer'}. Check host and port, TLS, and that the broker runs`,
    { cause: error },
  )
}

function placeOf(settings: AmqpSettings): string {
  return `${settings.host}:${settings.port}`
}

function codeOf(error: unknown): number | undefined {
  const isCoded = error instanceof Error && 'code' in error && typeof error.code === 'number'
  return isCoded ? Number(error.code) : undefined
}

/** The broker's own words, out of amqplib's sentence around them. */
export function replyText(error: unknown): string {
  const text = reasonOf(error)
  return /with message "(.*)"$/s.exec(text)?.[1] ?? text
}
