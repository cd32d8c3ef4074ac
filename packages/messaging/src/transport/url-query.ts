/**
 * The query of a broker URL. Source: kombu/utils/url.py, parse_url(); Python's parse_qsl().
 */
import type { ConfigurationError } from '../errors.ts'
import type { BrokerUrl } from './broker-url.ts'
import { percentEncoded } from './percent.ts'

/**
 * Splits a query into options and `ssl_*` keys. The last value of a key wins.
 *
 * @param bad Makes the error to throw, out of what is wrong.
 */
export function parseQuery(
  text: string,
  bad: (problem: string) => ConfigurationError,
): Pick<BrokerUrl, 'query' | 'ssl'> {
  const query: Record<string, string> = {}
  const ssl: Record<string, string | boolean> = {}
  for (const [key, value] of new URLSearchParams(text)) {
    if (value === '') continue
    if (key.startsWith('ssl_')) ssl[key] = sslValue(key, value, bad)
    else query[key] = value
  }
  const hasSsl = Object.keys(ssl).length > 0
  return { query: Object.freeze(query), ssl: hasSsl ? Object.freeze(ssl) : undefined }
}

/** The opposite: `?a=1&b=2`, or nothing. */
export function formatQuery(values: Readonly<Record<string, string | boolean>>): string {
  const pairs = Object.entries(values).map(
    ([key, value]) => `${percentEncoded(key)}=${percentEncoded(String(value))}`,
  )
  return pairs.length === 0 ? '' : `?${pairs.join('&')}`
}

function sslValue(
  key: string,
  value: string,
  bad: (problem: string) => ConfigurationError,
): string | boolean {
  if (key === 'ssl_check_hostname') return value.toLowerCase() !== 'false'
  if (key !== 'ssl_cert_reqs') return value

  const match = /^(?:CERT_(REQUIRED|OPTIONAL|NONE)|(required|optional|none))$/.exec(value)
  const requirement = match?.[1]?.toLowerCase() ?? match?.[2]
  if (requirement === undefined) throw bad('ssl_cert_reqs has to be required, optional or none')
  return requirement
}
