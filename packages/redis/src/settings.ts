import { ConfigurationError, checkOptions } from '@dashi/messaging/transport'
import type { TlsSettings } from './connection/tls.ts'
import {
  type RedisOptions,
  type RedisServerOptions,
  serverSpecs,
  tlsSpecs,
  transportSpecs,
} from './options.ts'

/** Where a master is asked for. */
export interface SentinelSettings {
  readonly addresses: readonly { readonly host: string; readonly port: number }[]
  readonly masterName: string
  readonly minOtherSentinels: number
  readonly username: string | undefined
  readonly password: string | undefined
  readonly ssl: TlsSettings | undefined
}

/** `RedisServerOptions` with defaults. Plain data: it travels to the thread that renews leases. */
export interface ServerSettings {
  readonly host: string
  readonly port: number
  readonly path: string | undefined
  readonly username: string | undefined
  readonly password: string | undefined
  readonly database: number
  readonly ssl: TlsSettings | undefined
  readonly sentinel: SentinelSettings | undefined
  readonly clientName: string
  readonly socketTimeoutMs: number
  readonly socketConnectTimeoutMs: number
  readonly socketKeepalive: boolean
  readonly healthCheckIntervalMs: number
}

/** How keys and channels are named. */
export interface KeySettings {
  readonly globalKeyprefix: string
  readonly sep: string
  readonly prioritySteps: readonly number[]
  readonly unackedKey: string
  readonly unackedIndexKey: string
  readonly unackedMutexKey: string
  readonly fanoutPrefix: string
  readonly fanoutPatterns: boolean
}

/** The store's part of `RedisOptions`, with its defaults filled in. */
export interface StoreSettings {
  readonly server: ServerSettings
  readonly keys: KeySettings
  readonly unackedMutexExpireMs: number
  readonly visibilityTimeoutMs: number
  readonly leaseMs: number
  readonly pollingIntervalMs: number
  readonly maxPayloadBytes: number
}

/**
 * Checks the options of something that only needs a server, such as `PubSub`.
 *
 * @throws {ConfigurationError} `BAD_OPTION`.
 */
export function serverSettings(options: RedisServerOptions, subject: string): ServerSettings {
  checkOptions(subject, options, serverSpecs)
  return filledServer(options, subject)
}

/**
 * Checks the options of the transport and fills in their defaults.
 *
 * @throws {ConfigurationError} `BAD_OPTION`.
 */
export function storeSettings(options: RedisOptions): StoreSettings {
  const subject = 'the Redis transport'
  checkOptions(subject, options, transportSpecs)
  return {
    server: filledServer(options, subject),
    keys: keySettings(options),
    unackedMutexExpireMs: options.unackedMutexExpireMs ?? 300_000,
    visibilityTimeoutMs: options.visibilityTimeoutMs ?? 3_600_000,
    leaseMs: options.leaseMs ?? 15_000,
    pollingIntervalMs: options.pollingIntervalMs ?? 1_000,
    maxPayloadBytes: options.maxPayloadBytes ?? 128 * 1024 * 1024,
  }
}

function filledServer(options: RedisServerOptions, subject: string): ServerSettings {
  return {
    host: options.host ?? 'localhost',
    port: options.port ?? 6379,
    path: options.path,
    username: options.username,
    password: options.password,
    database: options.database ?? 0,
    ssl: tls(options.ssl, `option "ssl" of ${subject}`),
    sentinel: sentinelSettings(options, subject),
    clientName: options.clientName ?? 'dashi',
    socketTimeoutMs: options.socketTimeoutMs ?? 10_000,
    socketConnectTimeoutMs: options.socketConnectTimeoutMs ?? 5_000,
    socketKeepalive: options.socketKeepalive ?? true,
    healthCheckIntervalMs: options.healthCheckIntervalMs ?? 25_000,
  }
}

function keySettings(options: RedisOptions): KeySettings {
  return {
    globalKeyprefix: options.globalKeyprefix ?? '',
    sep: options.sep ?? '\x06\x16',
    prioritySteps: steps(options.prioritySteps ?? [0, 3, 6, 9]),
    unackedKey: options.unackedKey ?? 'unacked',
    unackedIndexKey: options.unackedIndexKey ?? 'unacked_index',
    unackedMutexKey: options.unackedMutexKey ?? 'unacked_mutex',
    fanoutPrefix: fanoutPrefix(options.fanoutPrefix ?? true, options.database ?? 0),
    fanoutPatterns: options.fanoutPatterns ?? true,
  }
}

function steps(given: readonly number[]): readonly number[] {
  const sorted = given.toSorted((a, b) => a - b)
  if (sorted.every((step) => Number.isInteger(step) && step >= 0 && step <= 9)) return sorted
  throw new ConfigurationError(
    'BAD_OPTION',
    `Option "prioritySteps" of the Redis transport has to be whole numbers from 0 to 9, not ${JSON.stringify(given)}`,
  )
}

// The shape that Kombu demands. Source: kombu/transport/redis.py, Channel.__init__.
function fanoutPrefix(given: boolean | string, database: number): string {
  if (given === false) return ''
  const text = given === true ? '/{db}.' : given
  if (!/^\/.*\.$/s.test(text)) {
    throw new ConfigurationError(
      'BAD_OPTION',
      `Option "fanoutPrefix" of the Redis transport has to begin with "/" and end with ".", as "/{db}." does, not ${JSON.stringify(given)}`,
    )
  }
  return text.replaceAll('{db}', String(database))
}

function tls(given: boolean | TlsSettings | undefined, subject: string): TlsSettings | undefined {
  if (given === undefined || given === false) return undefined
  if (given === true) return {}
  checkOptions(subject, given, tlsSpecs)
  return given
}

const sentinelSpecs = {
  host: { type: 'string', min: 1 },
  port: { type: 'number', integer: true, min: 1, max: 65_535 },
} as const

function sentinelSettings(
  options: RedisServerOptions,
  subject: string,
): SentinelSettings | undefined {
  const { sentinels, masterName } = options
  if (sentinels === undefined) return undefined
  if (masterName === undefined) {
    throw new ConfigurationError(
      'BAD_OPTION',
      `Option "masterName" of ${subject} is missing: sentinels are asked for a master by its name, e.g. "mymaster"`,
    )
  }
  for (const address of sentinels) {
    checkOptions(`option "sentinels" of ${subject}`, address, sentinelSpecs)
  }
  return {
    addresses: sentinels.map(({ host, port }) => ({ host, port: port ?? 26_379 })),
    masterName,
    minOtherSentinels: options.minOtherSentinels ?? 0,
    username: options.sentinelUsername,
    password: options.sentinelPassword,
    ssl: tls(options.sentinelSsl, `option "sentinelSsl" of ${subject}`),
  }
}
