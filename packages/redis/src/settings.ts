import { ConfigurationError, checkOptions } from '@dashi/messaging/transport'
import { CredentialKeeper } from './connection/credentials.ts'
import type { ReplicaWish } from './connection/replicated-writer.ts'
import type { TlsSettings } from './connection/tls.ts'
import { inOurSpelling, withoutEffect } from './kombu-options.ts'
import {
  type RedisOptions,
  type RedisServerOptions,
  serverSpecs,
  tlsSpecs,
  transportSpecs,
} from './options.ts'
import { type QueueOrderStrategy, queueOrderStrategies } from './store/queue-order.ts'

/** Where a master is asked for. */
export interface SentinelSettings {
  readonly addresses: readonly { readonly host: string; readonly port: number }[]
  readonly masterName: string
  readonly minOtherSentinels: number
  readonly username: string | undefined
  readonly password: string | undefined
  readonly ssl: TlsSettings | undefined
}

/** `RedisServerOptions` with defaults. */
export interface ServerSettings {
  readonly host: string
  readonly port: number
  readonly path: string | undefined
  readonly username: string | undefined
  readonly password: string | undefined
  /** Instead of user and password. All that is no plain data; see `LeaseKeeper`. */
  readonly credentials: CredentialKeeper | undefined
  readonly database: number
  readonly ssl: TlsSettings | undefined
  readonly sentinel: SentinelSettings | undefined
  readonly clientName: string
  readonly socketTimeoutMs: number
  readonly socketConnectTimeoutMs: number
  readonly socketKeepalive: boolean
  /** Silence before the first keep-alive probe. */
  readonly socketKeepaliveIdleMs: number
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
  readonly fanoutSharded: boolean
}

/** The store's part of `RedisOptions`, with its defaults filled in. */
export interface StoreSettings {
  readonly server: ServerSettings
  readonly keys: KeySettings
  readonly unackedMutexExpireMs: number
  readonly unackedRestoreLimit: number
  readonly queueOrderStrategy: QueueOrderStrategy
  readonly visibilityTimeoutMs: number
  readonly leaseMs: number
  readonly pollingIntervalMs: number
  readonly maxPayloadBytes: number
  /** `undefined`: the master's word is enough. */
  readonly confirmedBy: ReplicaWish | undefined
  /** What was asked for and does not happen, each with the reason. To be told. */
  readonly notices: readonly string[]
}

const subject = 'the Redis transport'

/**
 * Checks the options of something that only needs a server, such as `PubSub`.
 *
 * @throws {ConfigurationError} `BAD_OPTION`.
 */
export function serverSettings(options: RedisServerOptions, subject: string): ServerSettings {
  checkOptions(subject, options, serverSpecs)
  return filledServer(inOurSpelling(options, subject), subject)
}

/**
 * Checks the options of the transport and fills in their defaults.
 *
 * @throws {ConfigurationError} `BAD_OPTION`.
 */
export function storeSettings(given: RedisOptions): StoreSettings {
  checkOptions(subject, given, transportSpecs)
  const notices = withoutEffect(given, subject)
  const options: RedisOptions = inOurSpelling(given, subject)
  return {
    server: filledServer(options, subject),
    keys: keySettings(options),
    notices,
    unackedRestoreLimit: options.unackedRestoreLimit ?? 10_000,
    queueOrderStrategy: queueOrder(options.queueOrderStrategy ?? 'round_robin'),
    unackedMutexExpireMs: options.unackedMutexExpireMs ?? 300_000,
    visibilityTimeoutMs: options.visibilityTimeoutMs ?? 3_600_000,
    leaseMs: options.leaseMs ?? 15_000,
    pollingIntervalMs: options.pollingIntervalMs ?? 1_000,
    maxPayloadBytes: options.maxPayloadBytes ?? 128 * 1024 * 1024,
    confirmedBy: replicaWish(options),
  }
}

function replicaWish(options: RedisOptions): ReplicaWish | undefined {
  const { confirmReplicas = 0, confirmTimeoutMs = 1_000, socketTimeoutMs = 10_000 } = options
  if (confirmReplicas === 0) return undefined
  if (confirmTimeoutMs >= socketTimeoutMs) {
    throw new ConfigurationError(
      'BAD_OPTION',
      `Option "confirmTimeoutMs" of ${subject} is ${confirmTimeoutMs}, and after ${socketTimeoutMs} ms ("socketTimeoutMs") without an answer the connection counts as lost: ` +
        'give the replicas less, or the server more',
    )
  }
  return { replicas: confirmReplicas, timeoutMs: confirmTimeoutMs }
}

function filledServer(options: RedisServerOptions, subject: string): ServerSettings {
  return {
    host: options.host ?? 'localhost',
    port: options.port ?? 6379,
    path: options.path,
    username: options.username,
    password: options.password,
    credentials: credentialKeeper(options, subject),
    database: options.database ?? 0,
    ssl: tls(options.ssl, `option "ssl" of ${subject}`),
    sentinel: sentinelSettings(options, subject),
    clientName: options.clientName ?? 'dashi',
    socketTimeoutMs: options.socketTimeoutMs ?? 10_000,
    socketConnectTimeoutMs: options.socketConnectTimeoutMs ?? 5_000,
    socketKeepalive: options.socketKeepalive ?? true,
    socketKeepaliveIdleMs: keepaliveIdleMs(options, subject),
    healthCheckIntervalMs: options.healthCheckIntervalMs ?? 25_000,
  }
}

function keySettings(options: RedisOptions): KeySettings {
  return {
    globalKeyprefix: options.globalKeyprefix ?? '',
    sep: options.sep ?? '\x06\x16',
    prioritySteps: steps(options.prioritySteps ?? [0, 3, 6, 9]),
    ...unackedKeys(options),
    fanoutPrefix: fanoutPrefix(options.fanoutPrefix ?? true, options.database ?? 0),
    fanoutPatterns: options.fanoutPatterns ?? true,
    fanoutSharded: options.fanoutSharded ?? false,
  }
}

function credentialKeeper(
  options: RedisServerOptions,
  subject: string,
): CredentialKeeper | undefined {
  const { credentialProvider, username, password, reauthCheckIntervalMs = 10_000 } = options
  if (credentialProvider === undefined) return undefined
  if (username !== undefined || password !== undefined) {
    throw new ConfigurationError(
      'BAD_OPTION',
      `Option "credentialProvider" of ${subject} stands instead of user and password: leave those out, in the URL too`,
    )
  }
  return new CredentialKeeper(credentialProvider, reauthCheckIntervalMs)
}

const keepaliveSpecs = { TCP_KEEPIDLE: { type: 'number', integer: true, min: 1 } } as const

function keepaliveIdleMs(options: RedisServerOptions, subject: string): number {
  const { socketKeepalive = true, socketKeepaliveOptions } = options
  if (socketKeepaliveOptions === undefined) return 5_000
  const name = `option "socketKeepaliveOptions" of ${subject}`
  const fixed = ['TCP_KEEPINTVL', 'TCP_KEEPCNT'].find((key) =>
    Object.hasOwn(socketKeepaliveOptions, key),
  )
  if (fixed !== undefined) {
    throw new ConfigurationError(
      'BAD_OPTION',
      `"${fixed}" in ${name} cannot be chosen: Node sends a probe per second and gives up after ten. ` +
        'Leave it out; "socketTimeoutMs" and "healthCheckIntervalMs" notice a dead connection too',
    )
  }
  checkOptions(name, socketKeepaliveOptions, keepaliveSpecs)
  if (socketKeepalive) return (socketKeepaliveOptions.TCP_KEEPIDLE ?? 5) * 1000
  throw new ConfigurationError(
    'BAD_OPTION',
    `There is no use for ${name} when "socketKeepalive" is false: give one of the two`,
  )
}

function queueOrder(given: string): QueueOrderStrategy {
  const found = queueOrderStrategies.find((strategy) => strategy === given)
  if (found !== undefined) return found
  throw new ConfigurationError(
    'BAD_OPTION',
    `Option "queueOrderStrategy" of ${subject} has to be one of ${queueOrderStrategies.join(', ')}, not ${JSON.stringify(given)}: ` +
      'a Python class cannot be loaded here',
  )
}

type UnackedKeys = Pick<KeySettings, 'unackedKey' | 'unackedIndexKey' | 'unackedMutexKey'>

function unackedKeys(options: RedisOptions): UnackedKeys {
  const { unackedKey = 'unacked', unackedIndexKey = 'unacked_index' } = options
  const { unackedMutexKey = 'unacked_mutex' } = options
  const names = [unackedKey, unackedIndexKey, unackedMutexKey]
  if (new Set(names).size === names.length) return { unackedKey, unackedIndexKey, unackedMutexKey }
  throw new ConfigurationError(
    'BAD_OPTION',
    `Options "unackedKey", "unackedIndexKey" and "unackedMutexKey" of ${subject} name a hash, a sorted set and a lock, ` +
      `so they have to be three names, not ${names.map((name) => JSON.stringify(name)).join(', ')}`,
  )
}

function steps(given: readonly number[]): readonly number[] {
  const sorted = [...new Set(given)].sort((a, b) => a - b)
  const isWhole = sorted.every((step) => Number.isInteger(step) && step >= 0 && step <= 9)
  if (isWhole && sorted.length === given.length) return sorted
  throw new ConfigurationError(
    'BAD_OPTION',
    `Option "prioritySteps" of the Redis transport has to be different whole numbers from 0 to 9, not ${JSON.stringify(given)}`,
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
