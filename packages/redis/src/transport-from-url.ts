import {
  type BrokerUrl,
  ConfigurationError,
  formatBrokerUrl,
  optionsFromQuery,
  type Transport,
} from '@dashi/messaging/transport'
import { type RedisOptions, type TlsSettings, transportSpecs } from './options.ts'
import { redis } from './redis.ts'

/**
 * The transport of a Redis URL, as Kombu reads it, and with options in the query.
 *
 * `redis://[user:password@]host[:6379][/database]`, `rediss://` with TLS (`ssl_cert_reqs`, `ssl_ca_certs`,
 * `ssl_certfile`, `ssl_keyfile`, `ssl_check_hostname`), `redis+socket:///path.sock?virtual_host=3`,
 * `sentinel://host[:26379][,host:port…][/database]?master_name=mymaster`.
 *
 * What the URL says wins over `options`.
 *
 * @throws {ConfigurationError} `BAD_OPTION`.
 */
export function transportFromUrl(
  url: BrokerUrl,
  options: Readonly<Record<string, unknown>>,
): Transport {
  const { virtual_host: virtualHost = url.virtualHost, ...query } = url.query
  const merged = {
    ...options,
    ...optionsFromQuery(query, transportSpecs, `the URL ${formatBrokerUrl(url)}`),
    ...given({ username: url.userid, password: url.password }),
    ...placeOf(url, options),
  }
  const database = url.scheme === 'redis+socket' ? url.query['virtual_host'] : virtualHost
  const ssl = sslOf(url, options['ssl'])
  // Names and types are checked by redis().
  return redis({ ...merged, ...databaseOf(database, url), ...given({ ssl }) } as RedisOptions)
}

function placeOf(
  url: BrokerUrl,
  options: Readonly<Record<string, unknown>>,
): Pick<RedisOptions, 'host' | 'port' | 'path' | 'sentinels'> {
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
function sentinelsOf(url: BrokerUrl): NonNullable<RedisOptions['sentinels']> {
  const hosts = (url.hostname ?? 'localhost').split(',')
  return hosts.map((text) => {
    const [, host = '', port] = /^(.*?)(?::(\d+))?$/.exec(text) ?? []
    return given({ host, port: port === undefined ? url.port : Number(port) })
  })
}

function databaseOf(text: string | undefined, url: BrokerUrl): Pick<RedisOptions, 'database'> {
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

function sslOf(url: BrokerUrl, option: unknown): RedisOptions['ssl'] {
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
