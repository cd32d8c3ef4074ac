/**
 * Broker URLs as Kombu reads and writes them. Source: kombu/utils/url.py.
 */
import { ConfigurationError } from '../errors.ts'
import { maskBrokerUrl, maskQuery } from './mask-url.ts'
import { percentDecoded, percentEncoded } from './percent.ts'
import { formatQuery, parseQuery } from './url-query.ts'

export { maskBrokerUrl } from './mask-url.ts'

/**
 * The parts of a broker URL, percent-decoded. Empty parts are `undefined`.
 *
 * Shape: `scheme://userid:password@hostname:port/virtualHost?query`.
 */
export interface BrokerUrl {
  /** Lower-cased, with everything before `://`, e.g. `redis`, `sqla+sqlite`. */
  readonly scheme: string
  /**
   * For schemes with a `+`: what follows the first one, verbatim, e.g. `sqlite:///x.db` for
   * `sqla+sqlite:///x.db`. May contain a password.
   */
  readonly rest: string | undefined
  /** Lower-cased, IPv6 without brackets. A list with commas is one host name. */
  readonly hostname: string | undefined
  readonly port: number | undefined
  readonly userid: string | undefined
  readonly password: string | undefined
  /** The path without its first `/`. */
  readonly virtualHost: string | undefined
  /** The last value of each key; keys without a value and `ssl_*` are left out. */
  readonly query: Readonly<Record<string, string>>
  /**
   * The `ssl_*` keys of the query, under their full names. `ssl_check_hostname` is a boolean,
   * `ssl_cert_reqs` is `required`, `optional` or `none`.
   */
  readonly ssl: Readonly<Record<string, string | boolean>> | undefined
}

/** What {@link formatBrokerUrl} needs: a `BrokerUrl`, a transport's address, or parts by hand. */
export type BrokerUrlParts = Pick<BrokerUrl, 'scheme'> & {
  readonly [Part in Exclude<keyof BrokerUrl, 'scheme'>]?: BrokerUrl[Part]
}

/** How to print a URL. */
export interface FormatBrokerUrlOptions {
  /** Print the password itself. Default `false`. */
  readonly includePassword?: boolean | undefined
  /** What stands for a password that is there. Default `**`; empty prints nothing after the `:`. */
  readonly mask?: string | undefined
}

/**
 * Reads one broker URL.
 *
 * `amqp://h` and `amqp://h/` have no virtual host, `amqp://h//` has `/`, `amqp://h/%2fv` has `/v`.
 *
 * @param defaultScheme For a text without `://`, such as a bare host name. Default `amqp`, as Kombu.
 * @throws {ConfigurationError} `BAD_OPTION`, never quoting the password.
 */
export function parseBrokerUrl(text: string, defaultScheme = 'amqp'): BrokerUrl {
  const url = withScheme(text.trim(), defaultScheme)
  const match = /^([a-z][a-z0-9+.-]*):\/\/([^/?#]*)([^?#]*)(?:\?([^#]*))?/is.exec(url)
  if (match === null) throw badUrl(url, 'it does not begin with a scheme such as redis://')
  if (url.includes(';')) {
    throw badUrl(url, 'a ";" separates alternatives; write %3B for the character itself')
  }

  const [, scheme = '', authority = '', path = '', query = ''] = match
  const at = authority.lastIndexOf('@')
  const plus = scheme.indexOf('+')
  return Object.freeze({
    scheme: scheme.toLowerCase(),
    rest: plus === -1 ? undefined : url.slice(plus + 1),
    ...parseHost(authority.slice(at + 1), url),
    ...parseUser(authority.slice(0, Math.max(at, 0))),
    virtualHost: decoded(path.replace(/^\//, '')),
    ...parseQuery(query, (problem) => badUrl(url, problem)),
  })
}

/**
 * Writes a URL that {@link parseBrokerUrl} reads back.
 *
 * The password is masked unless asked for, and so are query values whose names look secret; a URL
 * without a password shows no mask. As Kombu's `as_url`, but keeps the query.
 */
export function formatBrokerUrl(
  parts: BrokerUrlParts,
  options: FormatBrokerUrlOptions = {},
): string {
  const { includePassword = false, mask = '**' } = options
  const { scheme, rest, userid, password, hostname, port, virtualHost } = parts
  if (rest !== undefined) {
    const url = `${scheme.split('+', 1)[0]}+${rest}`
    return includePassword ? url : maskBrokerUrl(url, mask)
  }

  const shown = includePassword ? percentEncoded(password ?? '') : mask
  const user = percentEncoded(userid ?? '') + (password ? `:${shown}` : '')
  const host = percentEncoded(hostname ?? '') + (port ? `:${port}` : '')
  const path = percentEncoded(virtualHost ?? '').replaceAll('%2F', '/')
  const query = formatQuery({ ...parts.query, ...parts.ssl })
  return `${scheme}://${user}${user && '@'}${host}/${path}${includePassword ? query : maskQuery(query, mask)}`
}

/**
 * Splits failover lists, `a;b` or `['a', 'b']`, into URLs that stand for themselves.
 *
 * An alternative without a scheme takes that of the one before it, and nothing else.
 *
 * @throws {ConfigurationError} `BAD_OPTION` when there is no URL at all.
 */
export function splitBrokerUrls(
  urls: string | readonly string[],
  defaultScheme = 'amqp',
): readonly string[] {
  const texts = typeof urls === 'string' ? [urls] : urls
  const parts = texts.flatMap((text) => text.split(';')).map((part) => part.trim())
  let scheme = defaultScheme

  const list = parts
    .filter((part) => part !== '')
    .map((part) => {
      const url = withScheme(part, scheme)
      scheme = url.slice(0, url.indexOf('://'))
      return url
    })
  if (list.length === 0) throw noUrl()
  return Object.freeze(list)
}

function withScheme(text: string, scheme: string): string {
  if (text === '') throw noUrl()
  return text.includes('://') ? text : `${scheme}://${text}`
}

function parseUser(user: string): Pick<BrokerUrl, 'userid' | 'password'> {
  const colon = user.indexOf(':')
  if (colon === -1) return { userid: decoded(user), password: undefined }
  return { userid: decoded(user.slice(0, colon)), password: decoded(user.slice(colon + 1)) }
}

function parseHost(host: string, url: string): Pick<BrokerUrl, 'hostname' | 'port'> {
  // `a:1,b:2` is a list of hosts with ports of their own, for the transport to take apart.
  if (/:.*,/.test(host)) return { hostname: decoded(lowerCased(host)), port: undefined }

  const match = /^(?:\[([^[\]]*)\]|([^:[\]]*))(?::(\d*))?$/.exec(host)
  if (match === null) throw badUrl(url, hostHint)
  const [, bracketed, plain, portText = ''] = match
  const port = portText === '' ? undefined : Number(portText)
  if (port !== undefined && (port < 1 || port > 65_535)) {
    throw badUrl(url, 'its port is not in 1–65535')
  }
  return { hostname: decoded(lowerCased(bracketed ?? plain ?? '')), port }
}

// The text itself is not quoted: a password with a raw "/" or "#" ends up where the port should be.
const hostHint =
  'its host and port cannot be read; the characters / ? # @ : [ ] of a user or password have to be percent-encoded, an IPv6 address needs brackets'

// An IPv6 zone keeps its case. Source: urllib.parse, NetlocResult.hostname.
function lowerCased(host: string): string {
  const [name = '', ...zone] = host.split('%')
  return [name.toLowerCase(), ...zone].join('%')
}

function decoded(text: string): string | undefined {
  return text === '' ? undefined : percentDecoded(text)
}

function badUrl(url: string, problem: string): ConfigurationError {
  return new ConfigurationError('BAD_OPTION', `Bad broker URL "${maskBrokerUrl(url)}": ${problem}`)
}

function noUrl(): ConfigurationError {
  return new ConfigurationError(
    'BAD_OPTION',
    'The broker URL is empty; write for example redis://localhost:6379/0',
  )
}
