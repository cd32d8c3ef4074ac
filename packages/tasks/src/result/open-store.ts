import { TaskError } from '../errors.ts'
import { metaCodec } from './meta-codec.ts'
import { OpeningSession } from './opening-session.ts'
import type { ResultContext, ResultSession, ResultStore } from './result-store.ts'
import { filesystemResults } from './stores/filesystem-results.ts'
import { memoryResults } from './stores/memory-results.ts'
import { rpcResults } from './stores/rpc-results.ts'

/** What a package exports so that URLs lead to its store. */
export interface ResultStoreModule {
  /** Makes the store of a URL. Checks what the URL says. */
  resultStoreFromUrl(url: string): ResultStore
}

/** What opening a store needs. */
export type OpenStoreOptions = Omit<ResultContext, 'metas'>

const packages: Readonly<Record<string, string>> = {
  redis: '@dashi/redis',
  rediss: '@dashi/redis',
  'redis+socket': '@dashi/redis',
  sentinel: '@dashi/redis',
  sqlite: '@dashi/sql',
  'db+sqlite': '@dashi/sql',
}

/** Stores that need no package. */
const builtIn: Readonly<Record<string, (url: string) => ResultStore>> = {
  rpc: rpcResults,
  file: filesystemResults,
  memory: () => memoryResults(),
  'cache+memory': () => memoryResults(),
}

/**
 * Opens the store that an app was given, by URL or as a value. The package of a URL is loaded when the store is first used.
 *
 * @throws {TaskError} `BAD_OPTION`: no store is known for the URL's scheme; `NO_RESULT_STORE`: `disabled://`. What is wrong with
 *   a URL of another package, and that this package is missing, the first use says.
 */
export function openStore(backend: string | ResultStore, options: OpenStoreOptions): ResultSession {
  // Celery's 0 is for ever, too.
  const expiresMs = options.expiresMs || undefined
  const context: ResultContext = { ...options, expiresMs, metas: metaCodec(options) }
  if (typeof backend !== 'string') return backend.open(context)
  const scheme = schemeOf(backend)
  const own = builtIn[scheme]
  if (own !== undefined) return own(backend).open(context)
  const name = packages[scheme]
  if (name === undefined) throw unknownScheme(scheme)
  return new OpeningSession(async () => {
    const { resultStoreFromUrl } = await load(scheme, name)
    return resultStoreFromUrl(backend).open(context)
  })
}

/** `db+sqlite+pysqlite` names a driver of Python's, which is not ours to load. */
function schemeOf(backend: string): string {
  const [scheme = ''] = backend.split(':', 1)
  return scheme.replace(/^(db\+sqlite)\+.*$/, '$1')
}

async function load(scheme: string, name: string): Promise<ResultStoreModule> {
  try {
    return await import(`${name}/results`)
  } catch (error) {
    throw isMissing(error) ? missing(scheme, name, error) : error
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND'
}

function missing(scheme: string, name: string, cause: unknown): TaskError {
  const reason = cause instanceof Error ? cause.message : String(cause)
  return new TaskError(
    'BAD_OPTION',
    `Cannot load the result store of "${scheme}://": ${reason}. Install it: npm install ${name}`,
    { cause },
  )
}

function unknownScheme(scheme: string): TaskError {
  if (scheme === 'disabled') {
    return new TaskError('NO_RESULT_STORE', 'No results are kept: the backend is "disabled://"')
  }
  const known = [...Object.keys(builtIn), ...Object.keys(packages), 'disabled'].join(', ')
  return new TaskError(
    'BAD_OPTION',
    `No result store is known for the URL scheme "${scheme}" (known: ${known}). Correct it, or give a store as a value`,
  )
}
