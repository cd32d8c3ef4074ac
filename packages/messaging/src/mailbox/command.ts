/** The body of a command, and whom it is for. Pure. */
import { DecodeError } from '../errors.ts'
import type { MatcherRegistry } from '../matcher/matcher.ts'

/** Where the reply to a command goes. */
export interface ReplyAddress {
  readonly exchange: string
  readonly routing_key: string
}

/**
 * Body of a command, names as on the wire.
 *
 * Shape: `{ method, arguments, destination, pattern, matcher }`, and with a wish for replies `{ ticket, reply_to }`.
 * Source: kombu/pidbox.py, Mailbox._publish.
 */
export interface MailboxCommand {
  readonly method: string
  readonly arguments: Readonly<Record<string, unknown>>
  /** Hostnames. `null` or empty = by pattern, or everybody. */
  readonly destination: readonly string[] | null
  readonly pattern: string | null
  readonly matcher: string | null
  readonly ticket?: string | undefined
  readonly reply_to?: ReplyAddress | undefined
}

/** @throws {DecodeError} `NOT_DECODABLE`: it is no command. */
export function readCommand(body: unknown): MailboxCommand {
  if (!isObject(body) || typeof body['method'] !== 'string') throw noCommand('has no "method"')
  const { method, destination, pattern, matcher, ticket } = body
  const given = body['arguments'] ?? {}
  if (!isObject(given)) throw noCommand('has "arguments" that are no object')
  return {
    method,
    arguments: given,
    destination: readDestination(destination),
    pattern: textOrNull(pattern),
    matcher: textOrNull(matcher),
    ticket: textOrNull(ticket) ?? undefined,
    reply_to: readReplyAddress(body['reply_to']),
  }
}

/** Kombu's rule: named hosts; else those that match; else everybody. */
export function isFor(
  hostname: string,
  command: MailboxCommand,
  matchers: MatcherRegistry,
): boolean {
  const { destination, pattern, matcher } = command
  if (destination && destination.length > 0) return destination.includes(hostname)
  if (pattern && matcher) return matchers.match(hostname, pattern, matcher)
  return true
}

// A single name is a destination too: Python's `hostname in destination` takes it.
function readDestination(value: unknown): readonly string[] | null {
  if (value === undefined || value === null) return null
  if (typeof value === 'string') return [value]
  if (Array.isArray(value)) return value.map(String)
  throw noCommand('has a "destination" that is no list of hostnames')
}

function readReplyAddress(value: unknown): ReplyAddress | undefined {
  if (value === undefined || value === null) return undefined
  if (isObject(value)) {
    const { exchange, routing_key } = value
    if (typeof exchange === 'string' && typeof routing_key === 'string')
      return { exchange, routing_key }
  }
  throw noCommand('has a "reply_to" without exchange and routing_key')
}

function textOrNull(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function noCommand(reason: string): DecodeError {
  return new DecodeError(
    'NOT_DECODABLE',
    `A message to a mailbox ${reason}, so it is no command. Look for its sender: it was ignored`,
  )
}
