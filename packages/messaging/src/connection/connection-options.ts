/** Options of a connection, and their defaults: in one place. */
import { type CodecRegistry, defaultCodecs } from '../codec/codec-registry.ts'
import { ConfigurationError } from '../errors.ts'
import { formatBrokerUrl, parseBrokerUrl, splitBrokerUrls } from '../transport/broker-url.ts'
import { checkOptions } from '../transport/options.ts'
import type { BackoffOptions } from './backoff.ts'
import type { FailoverStrategy } from './failover.ts'

/** Everything that `new Connection()` takes beside the URL. */
export interface ConnectionOptions {
  /** Fill what the URL leaves open. */
  readonly userid?: string | undefined
  readonly password?: string | undefined
  readonly virtualHost?: string | undefined
  readonly port?: number | undefined
  /** Scheme of a bare host name. Default `amqp`. */
  readonly transport?: string | undefined
  /** More URLs to fail over to. */
  readonly alternates?: readonly string[] | undefined
  /** Order in which URLs are tried. Default `round-robin`. */
  readonly failoverStrategy?: FailoverStrategy | undefined
  /** Options of the transport, checked by it: see its page. */
  readonly transportOptions?: Readonly<Record<string, unknown>> | undefined
  /** Deadline of one attempt to connect, and of the first operation while there never was a connection. Default 5000. */
  readonly connectTimeoutMs?: number | undefined
  /** Deadline of every operation, waiting for a lost connection to come back included. Default 30000. */
  readonly operationTimeoutMs?: number | undefined
  /** Waits between passes over the URLs. */
  readonly backoff?: BackoffOptions | undefined
  /** Serializers and compressors. Default `defaultCodecs`. */
  readonly codecs?: CodecRegistry | undefined
  /** Most bytes that a compressed body may become. Default 64 MiB. */
  readonly maxBodyBytes?: number | undefined
  /** Queue for messages that nobody here can read. Default `dashi.quarantine`. */
  readonly quarantineQueue?: string | undefined
}

/** `ConnectionOptions` with defaults, and the list of full URLs. */
export interface ConnectionSettings {
  readonly urls: readonly string[]
  readonly failoverStrategy: FailoverStrategy
  readonly transportOptions: Readonly<Record<string, unknown>>
  readonly connectTimeoutMs: number
  readonly operationTimeoutMs: number
  readonly backoff: BackoffOptions
  readonly codecs: CodecRegistry
  readonly maxBodyBytes: number
  readonly quarantineQueue: string
}

/** @throws {ConfigurationError} `BAD_OPTION` for unknown names, wrong types, unreadable URLs. */
export function connectionSettings(
  hosts: string | readonly string[],
  options: ConnectionOptions,
): ConnectionSettings {
  check(options)
  const urls = splitBrokerUrls([
    ...(typeof hosts === 'string' ? [hosts] : hosts),
    ...(options.alternates ?? []),
  ])
  if (urls.length === 0)
    throw new ConfigurationError('BAD_OPTION', 'Connection needs at least one broker URL')
  return {
    urls: urls.map((url) => completed(url, options)),
    failoverStrategy: options.failoverStrategy ?? 'round-robin',
    transportOptions: options.transportOptions ?? {},
    connectTimeoutMs: options.connectTimeoutMs ?? 5_000,
    operationTimeoutMs: options.operationTimeoutMs ?? 30_000,
    backoff: options.backoff ?? {},
    codecs: options.codecs ?? defaultCodecs,
    maxBodyBytes: options.maxBodyBytes ?? 64 * 1024 * 1024,
    quarantineQueue: options.quarantineQueue ?? 'dashi.quarantine',
  }
}

function check(options: ConnectionOptions): void {
  checkOptions(
    'Connection',
    { ...options },
    {
      userid: 'string',
      password: 'string',
      virtualHost: 'string',
      port: { type: 'number', min: 1, max: 65_535, integer: true },
      transport: 'string',
      alternates: 'array',
      failoverStrategy: ['string', 'function'],
      transportOptions: 'object',
      connectTimeoutMs: { type: 'number', min: 1 },
      operationTimeoutMs: { type: 'number', min: 1 },
      backoff: 'object',
      codecs: 'object',
      maxBodyBytes: { type: 'number', min: 1 },
      quarantineQueue: 'string',
    },
  )
}

/** A URL with the options filled into its gaps: the URL wins, as in Kombu. */
function completed(url: string, options: ConnectionOptions): string {
  const parts = parseBrokerUrl(url, options.transport)
  if (parts.rest !== undefined) return url
  const { userid, password, virtualHost, port } = options
  if (
    userid === undefined &&
    password === undefined &&
    virtualHost === undefined &&
    port === undefined &&
    url.includes('://')
  )
    return url
  return formatBrokerUrl(
    {
      ...parts,
      userid: parts.userid ?? userid,
      password: parts.password ?? password,
      virtualHost: parts.virtualHost ?? virtualHost,
      port: parts.port ?? port,
    },
    { includePassword: true },
  )
}
