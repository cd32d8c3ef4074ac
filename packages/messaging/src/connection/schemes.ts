/** Which package speaks which URL scheme. The only place that knows. */
import { ConfigurationError, reasonOf } from '../errors.ts'
import { filesystemFromUrl } from '../filesystem/filesystem.ts'
import { memoryFromUrl } from '../memory/memory.ts'
import { type BrokerUrl, parseBrokerUrl } from '../transport/broker-url.ts'
import type { Transport } from '../transport/transport.ts'

/** What a transport package exports so that URLs lead to it. */
export interface TransportModule {
  /** Makes the transport of a URL. Checks the options. */
  transportFromUrl(url: BrokerUrl, options: Readonly<Record<string, unknown>>): Transport
}

const packages: Readonly<Record<string, string>> = {
  amqp: '@dashi/amqp',
  amqps: '@dashi/amqp',
  pyamqp: '@dashi/amqp',
  redis: '@dashi/redis',
  rediss: '@dashi/redis',
  sentinel: '@dashi/redis',
  sqla: '@dashi/sql',
  sqlalchemy: '@dashi/sql',
  sqlite: '@dashi/sql',
}

/**
 * The transport that a URL means.
 *
 * @throws {ConfigurationError} `UNKNOWN_SCHEME`, `MISSING_PACKAGE`, `BAD_OPTION`.
 */
export async function transportOf(
  url: string,
  options: Readonly<Record<string, unknown>>,
): Promise<Transport> {
  const parsed = parseBrokerUrl(url)
  if (parsed.scheme === 'memory') return memoryFromUrl(parsed, options)
  if (parsed.scheme === 'filesystem') return filesystemFromUrl(parsed, options)
  const { transportFromUrl } = await load(parsed.scheme)
  return transportFromUrl(parsed, options)
}

async function load(scheme: string): Promise<TransportModule> {
  const name = packages[baseOf(scheme)]
  if (name === undefined) throw unknownScheme(scheme)
  try {
    return await import(name)
  } catch (error) {
    throw isMissing(error) ? missing(scheme, name, error) : error
  }
}

/** `redis+socket` is spoken by the package of `redis`. */
function baseOf(scheme: string): string {
  return scheme.split('+', 1)[0] ?? scheme
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND'
}

function unknownScheme(scheme: string): ConfigurationError {
  const known = ['memory', 'filesystem', ...Object.keys(packages)].join(', ')
  return new ConfigurationError(
    'UNKNOWN_SCHEME',
    `No transport is known for the URL scheme "${scheme}" (known: ${known}). Correct it, or pass a transport value to Connection`,
  )
}

function missing(scheme: string, name: string, cause: unknown): ConfigurationError {
  return new ConfigurationError(
    'MISSING_PACKAGE',
    `Cannot load the transport of "${scheme}://": ${reasonOf(cause)}. Install it: npm install ${name}`,
    { cause },
  )
}
