import {
  type BrokerUrl,
  ConfigurationError,
  formatBrokerUrl,
  type OptionSpecs,
  optionsFromQuery,
} from '@dashi/messaging/transport'
import { inOurSpelling } from './kombu-options.ts'
import type { RedisServerOptions, TlsSettings } from './options.ts'

/**
 * What a URL says, as options. `specs` are the names that its query may have.
 *
 * What the URL says wins over `options`.
 *
 * @throws {ConfigurationError} `BAD_OPTION`, `UNKNOWN_SCHEME`.
 */
export function optionsFromUrl(
  url: BrokerUrl,
  options: Readonly<Record<string, unknown>>,
  specs: OptionSpecs,
): Readonly<Record<string, unknown>> {
  const isSocket = url.scheme === 'redis+socket'
  const { virtual_host: socketDatabase, ...socketQuery } = url.query
  const query = isSocket ? socketQuery : url.query
  const subject = `the URL ${formatBrokerUrl(url)}`
  const database = isSocket ? socketDatabase : url.virtualHost
  return {
    ...inOurSpelling(options, 'the Redis transport'),
    ...inOurSpelling(queryOptions(query, specs, subject), subject),
    ...given({ username: url.userid, password: url.password }),
    ...placeOf(url, options),
    ...databaseOf(database, url),
    ...given({ ssl: sslOf(url, options['ssl']) }),
  }
}

function queryOptions(
  query: Readonly<Record<string, string>>,
  specs: OptionSpecs,
  subject: string,
): object {
  const { priority_steps, prioritySteps = priority_steps, ...rest } = query
  if ('credential_provider' in query || 'credentialProvider' in query) throw noImport(subject)
  const options = optionsFromQuery(rest, specs, subject)
  if (prioritySteps === undefined || !Object.hasOwn(specs, 'prioritySteps')) return options
  // An empty word would count as zero.
  const steps = prioritySteps
    .split(',')
    .map((word) => (word.trim() === '' ? Number.NaN : Number(word)))
  return { ...options, prioritySteps: steps }
}

function noImport(subject: string): ConfigurationError {
  return new ConfigurationError(
    'BAD_OPTION',
    `Option "credentialProvider" of ${subject} cannot be text: a Python class cannot be loaded here. ` +
      'Give a function in the options',
  )
}

function placeOf(
  url: BrokerUrl,
  options: Readonly<Record<string, unknown>>,
): Pick<RedisServerOptions, 'host' | 'port' | 'path' | 'sentinels'> {
  switch (url.scheme) {
    case 'redis':
    case 'rediss':
      return given({ host: url.hostname, port: url.port })
    case 'redis+socket':
      return { path: `/${url.virtualHost ?? ''}` }
    case 'sentinel':
      return options['sentinels'] === undefined ? { sentinels: sentinelsOf(url) } : {}
    default:
      throw new ConfigurationError(
        'UNKNOWN_SCHEME',
        `Cannot use "${formatBrokerUrl(url)}" with Redis: the schemes are redis, rediss, redis+socket and sentinel`,
      )
  }
}

/** `h1:26379,h2` is a list of hosts, whose ports the URL parser leaves in it. */
function sentinelsOf(url: BrokerUrl): NonNullable<RedisServerOptions['sentinels']> {
  const hosts = (url.hostname ?? 'localhost').split(',')
  return hosts.map((text) => {
    const [, host = '', port] = /^(.*?)(?::(\d+))?$/.exec(text) ?? []
    return given({ host, port: port === undefined ? url.port : Number(port) })
  })
}

function databaseOf(
  text: string | undefined,
  url: BrokerUrl,
): Pick<RedisServerOptions, 'database'> {
  const name = text?.replace(/^\//, '') ?? ''
  if (name === '') return {}
  if (/^\d+$/.test(name)) return { database: Number(name) }
  throw new ConfigurationError(
    'BAD_OPTION',
    `Bad broker URL "${formatBrokerUrl(url)}": the part after the last "/" is the number of a Redis database, not ${JSON.stringify(name)}`,
  )
}

const tlsNames: Readonly<Record<string, keyof TlsSettings>> = {
  ssl_cert_reqs: 'certReqs',
  ssl_ca_certs: 'caCerts',
  ssl_ca_data: 'caData',
  ssl_certfile: 'certfile',
  ssl_keyfile: 'keyfile',
  ssl_keyfile_password: 'keyfilePassword',
  ssl_check_hostname: 'checkHostname',
}

function sslOf(url: BrokerUrl, option: unknown): RedisServerOptions['ssl'] {
  const isObject = typeof option === 'object' && option !== null
  if (url.ssl === undefined) return url.scheme === 'rediss' && !isObject ? true : undefined
  const settings = Object.entries(url.ssl).map(([key, value]) => {
    const name = tlsNames[key]
    if (name !== undefined) return [name, value] as const
    const known = Object.keys(tlsNames).join(', ')
    throw new ConfigurationError(
      'BAD_OPTION',
      `Unknown key "${key}" in the URL ${formatBrokerUrl(url)}: TLS has ${known}`,
    )
  })
  return { ...(isObject ? option : {}), ...Object.fromEntries(settings) }
}

/** Without what is not there, so that it does not hide an option. */
function given<Value extends object>(
  value: Value,
): { [Key in keyof Value]: NonNullable<Value[Key]> } {
  const entries = Object.entries(value).filter(([, part]) => part !== undefined)
  // The filter is what the type says.
  return Object.fromEntries(entries) as { [Key in keyof Value]: NonNullable<Value[Key]> }
}
