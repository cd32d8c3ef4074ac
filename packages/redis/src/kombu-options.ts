/**
 * Kombu's own spellings of options: the same names, camelCased, with times in seconds, so that the
 * `transport_options` of a Kombu or Celery application can be handed over as they are.
 *
 * Source: kombu/transport/redis.py, Channel; its option table is in `docs/transports/redis.md`.
 */
import { ConfigurationError, checkOptions, type OptionSpecs } from '@dashi/messaging/transport'
import type { TlsSettings } from './connection/tls.ts'

/** Python's names of the settings of TCP keep-alive. */
export interface KeepaliveOptions {
  /** Seconds of silence before the first probe. Default 5. */
  readonly TCP_KEEPIDLE?: number | undefined
}

/** What redis-py hands to the connections with sentinels. */
export interface SentinelKwargs {
  readonly username?: string | undefined
  readonly password?: string | undefined
  readonly ssl?: boolean | TlsSettings | undefined
}

/** Kombu's spellings of what `RedisServerOptions` has. Giving both spellings is an error. */
export interface KombuServerOptions {
  /** `socketTimeoutMs`, in seconds. */
  readonly socketTimeout?: number | undefined
  /** `socketConnectTimeoutMs`, in seconds. */
  readonly socketConnectTimeout?: number | undefined
  /** `healthCheckIntervalMs`, in seconds. */
  readonly healthCheckInterval?: number | undefined
  /** `reauthCheckIntervalMs`, in seconds. */
  readonly reauthCheckInterval?: number | undefined
  /** `sentinelUsername`, `sentinelPassword` and `sentinelSsl`. */
  readonly sentinelKwargs?: SentinelKwargs | undefined
}

/** Kombu's spellings of what `RedisOptions` has, and what Kombu has and we do not need. */
export interface KombuOptions extends KombuServerOptions {
  /** `visibilityTimeoutMs`, in seconds. */
  readonly visibilityTimeout?: number | undefined
  /** `unackedMutexExpireMs`, in seconds. */
  readonly unackedMutexExpire?: number | undefined
  /** `pollingIntervalMs`, in seconds. */
  readonly pollingInterval?: number | undefined
  /** Only `true`. Consume with `noAck` for what Kombu's `false` means. */
  readonly ackEmulation?: boolean | undefined
  /** No effect, which is told. */
  readonly maxConnections?: number | undefined
  /** No effect, which is told. */
  readonly retryOnTimeout?: boolean | undefined
  /** No effect, which is told. */
  readonly unackedRestoreInterval?: number | undefined
  /** No effect, which is told. */
  readonly unackedRestoreThrottle?: number | undefined
  /** No effect, which is told: `backoff` of the connection has it. */
  readonly maxRetries?: number | undefined
  readonly intervalStart?: number | undefined
  readonly intervalStep?: number | undefined
  readonly intervalMax?: number | undefined
  readonly connectRetriesTimeout?: number | undefined
}

const seconds = { type: 'number', min: 0.001 } as const
const count = { type: 'number', integer: true, min: 0 } as const

/** What there is in {@link KombuServerOptions}, for checking. */
export const kombuServerSpecs: OptionSpecs = {
  socketTimeout: seconds,
  socketConnectTimeout: seconds,
  healthCheckInterval: { type: 'number', min: 0 },
  reauthCheckInterval: seconds,
  sentinelKwargs: 'object',
}

/** What there is in {@link KombuOptions}, for checking. */
export const kombuSpecs: OptionSpecs = {
  ...kombuServerSpecs,
  visibilityTimeout: seconds,
  unackedMutexExpire: seconds,
  pollingInterval: seconds,
  ackEmulation: 'boolean',
  maxConnections: { type: 'number', integer: true, min: 1 },
  retryOnTimeout: 'boolean',
  unackedRestoreInterval: seconds,
  unackedRestoreThrottle: { type: 'number', integer: true, min: 1 },
  maxRetries: count,
  intervalStart: { type: 'number', min: 0 },
  intervalStep: { type: 'number', min: 0 },
  intervalMax: { type: 'number', min: 0 },
  connectRetriesTimeout: { type: 'number', min: 0 },
}

const inSeconds = [
  'socketTimeout',
  'socketConnectTimeout',
  'healthCheckInterval',
  'reauthCheckInterval',
  'visibilityTimeout',
  'unackedMutexExpire',
  'pollingInterval',
]

const kwargsSpecs: OptionSpecs = {
  username: 'string',
  password: 'string',
  ssl: ['boolean', 'object'],
}

type Options = Readonly<Record<string, unknown>>

/**
 * The same options in our spelling. Names that are not Kombu's stay as they are, unchecked.
 *
 * @param subject Whose options they are, for messages.
 * @throws {ConfigurationError} `BAD_OPTION`: a wrong type, one option in both spellings, unknown `sentinelKwargs`.
 */
export function inOurSpelling(given: object, subject: string): Options {
  const entries = Object.entries(given)
  const kombus = entries.filter(([name]) => Object.hasOwn(kombuSpecs, name))
  checkOptions(subject, Object.fromEntries(kombus), kombuSpecs)
  const ours: Record<string, unknown> = {}
  for (const [name, value] of entries.flatMap((entry) => respelled(entry, subject))) {
    if (value === undefined) continue
    if (ours[name] !== undefined) throw twice(name, subject)
    ours[name] = value
  }
  return ours
}

type Entry = readonly [name: string, value: unknown]

function respelled([name, value]: Entry, subject: string): readonly Entry[] {
  if (value === undefined) return []
  if (name === 'sentinelKwargs') return sentinelEntries(value as SentinelKwargs, subject) // an object, as checked
  if (!inSeconds.includes(name)) return [[name, value]]
  if (name === 'healthCheckInterval' && value === 0) throw neverChecked(subject)
  return [[`${name}Ms`, Math.max(1, Math.round(Number(value) * 1000))]]
}

function sentinelEntries(given: SentinelKwargs, subject: string): readonly Entry[] {
  checkOptions(`option "sentinelKwargs" of ${subject}`, given, kwargsSpecs)
  return [
    ['sentinelUsername', given.username],
    ['sentinelPassword', given.password],
    ['sentinelSsl', given.ssl],
  ]
}

/**
 * What Kombu's options ask for and does not happen here, each with the reason.
 *
 * @throws {ConfigurationError} `BAD_OPTION` for what would change what is promised.
 */
export function withoutEffect(options: KombuOptions, subject: string): readonly string[] {
  if (options.ackEmulation === false) throw noEmulation(subject)
  const given = Object.entries(options).flatMap(([name, value]) =>
    value === undefined ? [] : name,
  )
  const { maxConnections = sockets } = options
  const isAlone = !given.includes('sentinels')
  return given.flatMap((name) => {
    const reason = reasonsByName[name] ?? (isAlone ? aloneReasons[name] : undefined)
    if (reason === undefined) return []
    return name === 'maxConnections' && maxConnections >= sockets ? [] : said(name, reason, subject)
  })
}

/** Commands, broadcasts, and the thread that renews leases. */
const sockets = 3

const retries =
  'the connection tries again by itself; see its options "backoff" and "connectTimeoutMs"'

const noSentinels = 'no "sentinels" are given, and the URL is none of sentinel://'

/** Of options that speak of sentinels, where there are none. */
const aloneReasons: Readonly<Record<string, string>> = {
  masterName: noSentinels,
  minOtherSentinels: noSentinels,
  sentinelKwargs: noSentinels,
  sentinelUsername: noSentinels,
  sentinelPassword: noSentinels,
  sentinelSsl: noSentinels,
}

const reasonsByName: Readonly<Record<string, string>> = {
  maxConnections: `a connection has ${sockets} sockets`,
  retryOnTimeout:
    'what certainly did not reach the server is tried again, and what may have is reported as such',
  unackedRestoreInterval:
    'messages of the dead are given back when their lease ends, looked for every "leaseMs" / 2',
  unackedRestoreThrottle: 'every look finds what is due, with one short script',
  maxRetries: retries,
  intervalStart: retries,
  intervalStep: retries,
  intervalMax: retries,
  connectRetriesTimeout: retries,
}

function said(name: string, reason: string, subject: string): string {
  return `Option "${name}" of ${subject} has no effect here: ${reason}. Leave it out`
}

function twice(name: string, subject: string): ConfigurationError {
  const spellings = name.endsWith('Ms')
    ? `"${name}" (milliseconds) and "${name.slice(0, -2)}" (seconds)`
    : `"${name}" and "sentinelKwargs"`
  return new ConfigurationError(
    'BAD_OPTION',
    `Options ${spellings} of ${subject} say the same thing: give one of them`,
  )
}

function neverChecked(subject: string): ConfigurationError {
  return new ConfigurationError(
    'BAD_OPTION',
    `Option "healthCheckInterval" of ${subject} cannot be 0 (never): a connection that died in silence would not be noticed. ` +
      'Leave it out (25 s), or give a long time',
  )
}

function noEmulation(subject: string): ConfigurationError {
  return new ConfigurationError(
    'BAD_OPTION',
    `Option "ackEmulation" of ${subject} cannot be false: it would lose what a killed process held. ` +
      'Leave it out, and consume with "noAck" where that may be lost',
  )
}
