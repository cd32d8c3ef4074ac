import type { BrokerUrl, Transport } from '@dashi/messaging/transport'
import { type RedisOptions, transportSpecs } from './options.ts'
import { optionsFromUrl } from './options-from-url.ts'
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
 * @throws {ConfigurationError} `BAD_OPTION`, `UNKNOWN_SCHEME`.
 */
export function transportFromUrl(
  url: BrokerUrl,
  options: Readonly<Record<string, unknown>>,
): Transport {
  // Names and types are checked by redis().
  return redis(optionsFromUrl(url, options, transportSpecs) as RedisOptions)
}
