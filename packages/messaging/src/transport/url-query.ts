/**
 * The query of a broker URL. Source: kombu/utils/url.py, parse_url(); Python's parse_qsl().
 */
import type { ConfigurationError } from '../errors.ts'
import type { BrokerUrl } from './broker-url.ts'
import { percentDecoded, percentEncoded } from './percent.ts'

/**
 * Splits a query into options and `ssl_*` keys. The last value of a key wins.
 *
 * @param bad Makes the error to throw, out of what is wrong.
 */
export function parseQuery(
  text: string,
  bad: (problem: string) => ConfigurationError,
): Pick<BrokerUrl, 'query' | 'ssl'> {
  const all = pairs(text)
  const options = all.filter(([key]) => !key.startsWith('ssl_'))
  const tls = all
    .filter(([key]) => key.startsWith('ssl_'))
    .map(([key, value]) => [key, sslValue(key, value, bad)] as const)
  return {
    query: Object.freeze(Object.fromEntries(options)),
    ssl: tls.length === 0 ? undefined : Object.freeze(Object.fromEntries(tls)),
  }
}

// Not URLSearchParams: it treats malformed escapes differently from Python.
function pairs(text: string): (readonly [key: string, value: string])[] {
  return text
    .replaceAll('+', ' ')
    .split('&')
    .map((pair) => /^([^=]*)=(.+)$/s.exec(pair))
    .filter((match) => match !== null)
    .map(([, key = '', value = '']) => [percentDecoded(key), percentDecoded(value)] as const)
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
