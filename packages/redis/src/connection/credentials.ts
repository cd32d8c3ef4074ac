import {
  ConfigurationError,
  ConnectionError,
  MessagingError,
  reasonOf,
} from '@dashi/messaging/transport'
import type { RedisClient } from './client.ts'

/** User and password for Redis. */
export interface RedisCredentials {
  /** Default: Redis's `default` user. */
  readonly username?: string | undefined
  readonly password: string
}

/** Says what to authenticate with now. Asked often: it should remember what is costly to find out. */
export type CredentialProvider = () => RedisCredentials | Promise<RedisCredentials>

/** Told of credentials that could not be had, or that the server refused. The connection goes on with the former ones. */
export type CredentialReport = (notice: MessagingError) => void

interface KeptConnection {
  readonly client: RedisClient
  readonly report: CredentialReport
  /** What it is authenticated with. */
  used: RedisCredentials
}

/**
 * Keeps connections authenticated with what the provider says, while they live.
 *
 * One question per interval, however many connections there are, and none while there is no connection.
 */
export class CredentialKeeper {
  readonly #provider: CredentialProvider
  readonly #intervalMs: number
  readonly #kept = new Set<KeptConnection>()
  readonly #listeners = new Set<(credentials: RedisCredentials) => void>()
  #latest: RedisCredentials | undefined
  #timer: NodeJS.Timeout | undefined

  constructor(provider: CredentialProvider, intervalMs: number) {
    this.#provider = provider
    this.#intervalMs = intervalMs
  }

  /** What the provider said last. */
  get latest(): RedisCredentials | undefined {
    return this.#latest
  }

  /**
   * What to authenticate a new connection with.
   *
   * @throws {ConnectionError} `CONNECTION_REFUSED`: the provider failed; {ConfigurationError} it gave something else.
   */
  async ask(signal: AbortSignal): Promise<RedisCredentials> {
    const aborted = Promise.withResolvers<never>()
    const onAbort = () => aborted.reject(signal.reason)
    signal.addEventListener('abort', onAbort, { once: true })
    try {
      return this.#learned(checked(await Promise.race([this.#provider(), aborted.promise])))
    } catch (error) {
      signal.throwIfAborted()
      throw MessagingError.is(error) ? error : notHad(error)
    } finally {
      signal.removeEventListener('abort', onAbort)
    }
  }

  /** Authenticates the connection anew whenever the credentials are no longer those it `used`, until it ends. */
  keep(client: RedisClient, used: RedisCredentials, report: CredentialReport): void {
    const kept = { client, report, used }
    this.#kept.add(kept)
    this.#timer ??= setInterval(() => void this.#look(), this.#intervalMs).unref()
    void client.closed.then(() => this.#leave(kept))
  }

  /** Tells somebody else who has connections, such as a thread, of every change. @returns how to stop. */
  onChanged(listener: (credentials: RedisCredentials) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  #learned(credentials: RedisCredentials): RedisCredentials {
    const former = this.#latest
    this.#latest = credentials
    if (former === undefined || isSame(former, credentials)) return credentials
    for (const listener of this.#listeners) listener(credentials)
    return credentials
  }

  #leave(kept: KeptConnection): void {
    this.#kept.delete(kept)
    if (this.#kept.size > 0) return
    clearInterval(this.#timer)
    this.#timer = undefined
  }

  async #look(): Promise<void> {
    try {
      const latest = await this.ask(AbortSignal.timeout(this.#intervalMs))
      const outdated = [...this.#kept].filter(({ used }) => !isSame(used, latest))
      await Promise.all(outdated.map((kept) => renew(kept, latest)))
    } catch (error) {
      const notice = MessagingError.is(error) ? error : notHad(error)
      for (const { report } of this.#kept) report(notice)
    }
  }
}

async function renew(kept: KeptConnection, latest: RedisCredentials): Promise<void> {
  try {
    await authenticate(kept.client, latest)
    kept.used = latest
  } catch (error) {
    kept.report(notAccepted(error))
  }
}

/** Authenticates a living connection anew. When the server refuses, it stays who it was. */
export async function authenticate(
  client: RedisClient,
  credentials: RedisCredentials,
): Promise<void> {
  const { username = 'default', password } = credentials
  await client.send(['AUTH', username, password])
}

function isSame(one: RedisCredentials, other: RedisCredentials): boolean {
  return one.username === other.username && one.password === other.password
}

function checked(given: unknown): RedisCredentials {
  const { username, password }: Readonly<Record<string, unknown>> = { ...Object(given) }
  const isName = username === undefined || typeof username === 'string'
  if (isName && typeof password === 'string') return { username, password }
  throw new ConfigurationError(
    'BAD_OPTION',
    'Option "credentialProvider" of Redis has to give { username?, password }, both strings; it gave something else (not shown)',
  )
}

function notHad(cause: unknown): ConnectionError {
  return new ConnectionError(
    'CONNECTION_REFUSED',
    `Cannot get credentials for Redis: option "credentialProvider" failed (${reasonOf(cause)}). It is asked again`,
    { cause },
  )
}

function notAccepted(cause: unknown): ConnectionError {
  return new ConnectionError(
    'ACCESS_REFUSED',
    `Redis does not accept the new credentials of "credentialProvider" (${reasonOf(cause)}). ` +
      'The connection goes on with the former ones, and the provider is asked again',
    { cause },
  )
}
