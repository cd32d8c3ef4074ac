import type { OptionSpecs, VirtualOptions } from '@dashi/messaging/transport'
import type { CredentialProvider } from './connection/credentials.ts'
import type { TlsSettings } from './connection/tls.ts'
import {
  type KeepaliveOptions,
  type KombuOptions,
  type KombuServerOptions,
  kombuServerSpecs,
  kombuSpecs,
} from './kombu-options.ts'
import type { QueueOrderStrategy } from './store/queue-order.ts'

export type { CredentialProvider, RedisCredentials } from './connection/credentials.ts'
export type { TlsSettings } from './connection/tls.ts'
export type {
  KeepaliveOptions,
  KombuOptions,
  KombuServerOptions,
  SentinelKwargs,
} from './kombu-options.ts'
export type { QueueOrderStrategy } from './store/queue-order.ts'

/** One sentinel. */
export interface SentinelAddress {
  readonly host: string
  /** Default 26379. */
  readonly port?: number | undefined
}

/** How to reach a Redis server. Names are redis-py's and Kombu's, camelCased; time is milliseconds. */
export interface RedisServerOptions extends KombuServerOptions {
  /** Default `localhost`. */
  readonly host?: string | undefined
  /** Default 6379. */
  readonly port?: number | undefined
  /** A unix socket, instead of host and port. */
  readonly path?: string | undefined
  /** ACL user. Default: Redis's `default` user. */
  readonly username?: string | undefined
  readonly password?: string | undefined
  /**
   * Asked for user and password at every connect, instead of the two above; and again while connected, so that
   * a living connection authenticates anew when they have changed. Not for sentinels.
   */
  readonly credentialProvider?: CredentialProvider | undefined
  /** How often a living connection asks `credentialProvider` again. Default 10 000. */
  readonly reauthCheckIntervalMs?: number | undefined
  /** Number of the database, Kombu's virtual host. Default 0. */
  readonly database?: number | undefined
  /** TLS: `true` checks the server against the system's authorities. Default `false`. */
  readonly ssl?: boolean | TlsSettings | undefined
  /** Sentinels to ask for the master, instead of host and port. */
  readonly sentinels?: readonly SentinelAddress[] | undefined
  /** The name that the sentinels know the master by. Needed with `sentinels`. */
  readonly masterName?: string | undefined
  /** Believe only a sentinel that sees at least so many others. Default 0. */
  readonly minOtherSentinels?: number | undefined
  /** User and password of the sentinels themselves. Default: none. */
  readonly sentinelUsername?: string | undefined
  readonly sentinelPassword?: string | undefined
  /** TLS towards the sentinels. Default `false`. */
  readonly sentinelSsl?: boolean | TlsSettings | undefined
  /** What `CLIENT LIST` shows. Default `dashi`. */
  readonly clientName?: string | undefined
  /** Longest time the server may take to answer before the connection counts as lost. Default 10 000. */
  readonly socketTimeoutMs?: number | undefined
  /** Longest time to connect, authenticate and select the database. Default 5 000. */
  readonly socketConnectTimeoutMs?: number | undefined
  /** TCP keep-alive. Default `true`. */
  readonly socketKeepalive?: boolean | undefined
  /** When keep-alive probes begin. Needs `socketKeepalive`. */
  readonly socketKeepaliveOptions?: KeepaliveOptions | undefined
  /** How long a connection may be silent before it is asked whether it lives. Default 25 000. */
  readonly healthCheckIntervalMs?: number | undefined
}

/** Options of the Redis transport: the server, and how Kombu's keys are named and treated. */
export interface RedisOptions extends RedisServerOptions, KombuOptions, VirtualOptions {
  /**
   * In front of every key and pub/sub channel. Default empty. On Redis Cluster it needs a hash tag,
   * e.g. `{dashi}`, which keeps all keys on one node.
   */
  readonly globalKeyprefix?: string | undefined
  /** Between the parts of keys and of binding records. Default `\x06\x16`. Equal on both sides. */
  readonly sep?: string | undefined
  /** The priorities that have a list of their own, ascending; 0 is served first. Default `[0, 3, 6, 9]`. */
  readonly prioritySteps?: readonly number[] | undefined
  /** Hash of messages out with consumers. Default `unacked`. */
  readonly unackedKey?: string | undefined
  /** Sorted set of when they went out. Default `unacked_index`. */
  readonly unackedIndexKey?: string | undefined
  /** Lock of whoever gives old ones back. Default `unacked_mutex`. */
  readonly unackedMutexKey?: string | undefined
  /** Default 300 000. */
  readonly unackedMutexExpireMs?: number | undefined
  /** Most messages of dead Kombu consumers given back in one sweep, oldest first. Default 10 000. */
  readonly unackedRestoreLimit?: number | undefined
  /**
   * When a message out with a consumer of *Kombu* counts as abandoned. Default 3 600 000, as there.
   * Ours need no such limit: they come back `leaseMs` after their process died, and never before.
   */
  readonly visibilityTimeoutMs?: number | undefined
  /**
   * How long after its last sign of life a process counts as dead, so that its messages go to others.
   * A thread of its own renews it three times in that time. Default 15 000. Until that thread has started,
   * some tenths of a second after the first message was taken, it is 5 000 at least.
   */
  readonly leaseMs?: number | undefined
  /**
   * Longest sleep of a waiting consumer between two looks. With `CLIENT TRACKING` the server wakes it
   * at once and the look is a safety net; without, it is the longest delay. Default 1 000.
   */
  readonly pollingIntervalMs?: number | undefined
  /** Before the exchange in the channel of a broadcast; `{db}` is the database. `true`: `/{db}.`; `false`: none. */
  readonly fanoutPrefix?: boolean | string | undefined
  /** Routing keys of broadcasts are part of the channel. Default `true`. */
  readonly fanoutPatterns?: boolean | undefined
  /**
   * Broadcasts over sharded pub/sub, which on a cluster reach one node instead of all. Needs Redis 7;
   * an older one gets plain pub/sub, which is told. Kombu peers cannot receive them. Default `false`.
   */
  readonly fanoutSharded?: boolean | undefined
  /** In which order a consumer's queues are served. Default `round_robin`. */
  readonly queueOrderStrategy?: QueueOrderStrategy | undefined
  /**
   * How many replicas have to have a message before `publish()` resolves (`WAIT`), so that a failover to one of them
   * keeps it. With fewer it rejects with `OutcomeUnknownError`: the master has it. Default 0: the master's answer is enough.
   * Everything else on the connection waits meanwhile.
   */
  readonly confirmReplicas?: number | undefined
  /** How long those replicas may take. Less than `socketTimeoutMs`. Default 1 000. */
  readonly confirmTimeoutMs?: number | undefined
  /** Largest envelope in bytes. Default 128 MiB. */
  readonly maxPayloadBytes?: number | undefined
}

const positive = { type: 'number', integer: true, min: 1 } as const
const tcpPort = { type: 'number', integer: true, min: 1, max: 65_535 } as const

/** What there is in {@link RedisServerOptions}, for checking. */
export const serverSpecs: OptionSpecs = {
  ...kombuServerSpecs,
  host: { type: 'string', min: 1 },
  port: tcpPort,
  path: { type: 'string', min: 1 },
  username: 'string',
  password: 'string',
  credentialProvider: { type: 'function', secret: true },
  reauthCheckIntervalMs: positive,
  database: { type: 'number', integer: true, min: 0 },
  ssl: ['boolean', 'object'],
  sentinels: { type: 'array', min: 1 },
  masterName: { type: 'string', min: 1 },
  minOtherSentinels: { type: 'number', integer: true, min: 0 },
  sentinelUsername: 'string',
  sentinelPassword: 'string',
  sentinelSsl: ['boolean', 'object'],
  clientName: 'string',
  socketTimeoutMs: positive,
  socketConnectTimeoutMs: positive,
  socketKeepalive: 'boolean',
  socketKeepaliveOptions: 'object',
  healthCheckIntervalMs: positive,
}

/** What there is in {@link RedisOptions}, for checking. */
export const transportSpecs: OptionSpecs = {
  ...serverSpecs,
  ...kombuSpecs,
  globalKeyprefix: 'string',
  sep: { type: 'string', min: 1 },
  prioritySteps: { type: 'array', min: 1 },
  unackedKey: { type: 'string', min: 1 },
  unackedIndexKey: { type: 'string', min: 1 },
  unackedMutexKey: { type: 'string', min: 1 },
  unackedMutexExpireMs: positive,
  unackedRestoreLimit: positive,
  visibilityTimeoutMs: positive,
  leaseMs: { type: 'number', integer: true, min: 1_000 },
  pollingIntervalMs: positive,
  fanoutPrefix: ['boolean', 'string'],
  fanoutPatterns: 'boolean',
  fanoutSharded: 'boolean',
  queueOrderStrategy: 'string',
  confirmReplicas: { type: 'number', integer: true, min: 0 },
  confirmTimeoutMs: positive,
  maxPayloadBytes: { type: 'number', integer: true, min: 1, max: 256 * 1024 * 1024 },
  bodyEncoding: { type: 'string', oneOf: ['base64', 'utf-8'] },
  topicMatching: { type: 'string', oneOf: ['kombu', 'amqp'] },
  deadletterQueue: 'string',
  maxTake: { type: 'number', integer: true, min: 1 },
  now: 'function',
}

/** What there is in {@link TlsSettings}, for checking. */
export const tlsSpecs: OptionSpecs = {
  certReqs: { type: 'string', oneOf: ['required', 'optional', 'none'] },
  caCerts: 'string',
  caData: 'string',
  certfile: 'string',
  keyfile: 'string',
  keyfilePassword: 'string',
  checkHostname: 'boolean',
  serverName: 'string',
}
