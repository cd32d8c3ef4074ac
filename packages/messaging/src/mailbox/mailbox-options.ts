/** Options of a mailbox, and their defaults. */
import { LamportClock } from '../clock/lamport-clock.ts'
import type { SupervisedConnection } from '../connection/supervised-connection.ts'
import { ConfigurationError } from '../errors.ts'
import { defaultMatchers, type MatcherRegistry } from '../matcher/matcher.ts'
import { checkOptions } from '../option-spec.ts'

/** What a mailbox can be. Names and defaults are Kombu's, times in milliseconds. */
export interface MailboxOptions {
  /** Type of the exchange that commands go to. Celery uses `fanout`. Default `direct`. */
  readonly type?: 'direct' | 'fanout' | undefined
  /** Default: none; `mailbox.bind(connection)` makes a mailbox that has one. */
  readonly connection?: SupervisedConnection | undefined
  /** Shared with whatever else is ordered by it. Default: one of its own. */
  readonly clock?: LamportClock | undefined
  /** Serializers or content types that nodes and callers read. Default `['json']`. */
  readonly accept?: readonly string[] | undefined
  /** Of commands and replies. Default JSON. */
  readonly serializer?: string | undefined
  /** Commands that nobody took for so long are dropped. Default: never. */
  readonly queueTtlMs?: number | undefined
  /** A node's queue goes when nobody used it for so long. Default: never. */
  readonly queueExpiresMs?: number | undefined
  /** Default `false`. Excludes `queueExclusive`. */
  readonly queueDurable?: boolean | undefined
  /** Default `false`, as Kombu 5.6. */
  readonly queueExclusive?: boolean | undefined
  readonly replyQueueTtlMs?: number | undefined
  /** The reply queue of a caller that died goes after so long. Default 10 000. */
  readonly replyQueueExpiresMs?: number | undefined
  /** What `matcher` names. Default: `glob` and `pcre`. */
  readonly matchers?: MatcherRegistry | undefined
}

/** `MailboxOptions` with defaults. */
export interface MailboxSettings extends MailboxOptions {
  readonly type: 'direct' | 'fanout'
  readonly clock: LamportClock
  readonly accept: readonly string[]
  readonly queueDurable: boolean
  readonly queueExclusive: boolean
  readonly replyQueueExpiresMs: number
  readonly matchers: MatcherRegistry
}

const milliseconds = { type: 'number', min: 0 } as const

/** @throws {ConfigurationError} `BAD_OPTION`. */
export function mailboxSettings(namespace: string, options: MailboxOptions): MailboxSettings {
  if (typeof namespace !== 'string' || namespace === '')
    throw new ConfigurationError(
      'BAD_OPTION',
      'The namespace of a mailbox has to be a text that is not empty',
    )
  checkOptions(`mailbox "${namespace}"`, options, {
    type: { type: 'string', oneOf: ['direct', 'fanout'] },
    connection: 'object',
    clock: 'object',
    accept: 'array',
    serializer: 'string',
    queueTtlMs: milliseconds,
    queueExpiresMs: { type: 'number', min: 1 },
    queueDurable: 'boolean',
    queueExclusive: 'boolean',
    replyQueueTtlMs: milliseconds,
    replyQueueExpiresMs: { type: 'number', min: 1 },
    matchers: 'object',
  })
  const { queueDurable = false, queueExclusive = false } = options
  if (queueDurable && queueExclusive)
    throw new ConfigurationError(
      'BAD_OPTION',
      `Mailbox "${namespace}" cannot be both queueDurable and queueExclusive: an exclusive queue goes with its connection. Choose one`,
    )
  return {
    ...options,
    type: options.type ?? 'direct',
    clock: options.clock ?? new LamportClock(),
    accept: options.accept ?? ['json'],
    queueDurable,
    queueExclusive,
    replyQueueExpiresMs: options.replyQueueExpiresMs ?? 10_000,
    matchers: options.matchers ?? defaultMatchers,
  }
}
