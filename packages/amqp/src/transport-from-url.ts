import {
  type BrokerUrl,
  ConfigurationError,
  formatBrokerUrl,
  optionsFromQuery,
  type Transport,
} from '@dashi/messaging/transport'
import { amqp } from './amqp.ts'
import { type AmqpOptions, type TlsSettings, transportSpecs } from './options.ts'

/**
 * The transport of a RabbitMQ URL, as Kombu reads it, and with options in the query.
 *
 * `amqp://[user:password@]host[:5672][/virtualHost]`, the same with `pyamqp`, and `amqps` with TLS (`ssl_cert_reqs`,
 * `ssl_ca_certs`, `ssl_certfile`, `ssl_keyfile`, `ssl_check_hostname`). `heartbeat` and `login_method` are Kombu's;
 * `heartbeat` is in seconds.
 *
 * What the URL says wins over `options`.
 *
 * @throws {ConfigurationError} `BAD_OPTION`.
 */
export function transportFromUrl(
  url: BrokerUrl,
  options: Readonly<Record<string, unknown>>,
): Transport {
  const { heartbeat, ...query } = url.query
  const { hostname: host, port, userid, password, virtualHost } = url
  const merged = {
    ...options,
    ...optionsFromQuery(query, transportSpecs, `the URL ${formatBrokerUrl(url)}`),
    ...given({ host, port, userid, password, virtualHost }),
    ...given({ heartbeatMs: heartbeatOf(heartbeat, url), ssl: sslOf(url, options['ssl']) }),
  }
  // Names and types are checked by amqp().
  return amqp(merged as AmqpOptions)
}

function heartbeatOf(text: string | undefined, url: BrokerUrl): number | undefined {
  if (text === undefined) return undefined
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text) * 1_000
  throw new ConfigurationError(
    'BAD_OPTION',
    `Bad broker URL "${formatBrokerUrl(url)}": heartbeat is a number of seconds, not ${JSON.stringify(text)}`,
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
  ssl_server_hostname: 'serverHostname',
  ssl_ciphers: 'ciphers',
}

function sslOf(url: BrokerUrl, option: unknown): AmqpOptions['ssl'] {
  const isObject = typeof option === 'object' && option !== null
  if (url.ssl === undefined) return url.scheme === 'amqps' && !isObject ? true : undefined
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
