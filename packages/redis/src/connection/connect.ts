import { ConnectionError } from '@dashi/messaging/transport'
import { connectError } from '../errors.ts'
import type { ServerSettings } from '../settings.ts'
import { type ClientTarget, openClient, type RedisClient } from './client.ts'
import { ReplyError } from './client-errors.ts'
import type { CredentialReport } from './credentials.ts'
import { askSentinels } from './sentinel.ts'
import { tlsOptions } from './tls.ts'

/** What a connection is wanted for. */
export interface ConnectRequest {
  readonly signal: AbortSignal
  /** The server shall tell about changed keys. Default `false`. */
  readonly tracking?: boolean
  /** Overrides the address: a node of a cluster. */
  readonly node?: { readonly host: string; readonly port: number }
  /** Told of new credentials that could not be had or used while the connection lived. */
  readonly report?: CredentialReport
}

/**
 * Opens a connection to the server, or to the master that the sentinels name.
 *
 * @throws {ConnectionError} `CONNECTION_REFUSED`, `ACCESS_REFUSED`, `TIMED_OUT`; `signal.reason` if aborted.
 */
export async function connect(
  settings: ServerSettings,
  request: ConnectRequest,
): Promise<RedisClient> {
  const deadline = AbortSignal.timeout(settings.socketConnectTimeoutMs)
  const signal = AbortSignal.any([request.signal, deadline])
  const place = { ...settings, ...request.node }
  try {
    return await open(place, { ...request, signal })
  } catch (error) {
    request.signal.throwIfAborted()
    if (deadline.aborted) throw tooSlow(place, error)
    throw connectError(error, addressOf(place))
  }
}

async function open(settings: ServerSettings, request: ConnectRequest): Promise<RedisClient> {
  const { signal, report = ignore } = request
  const credentials = await settings.credentials?.ask(signal)
  const client = await openClient(
    { ...(await targetOf(settings, request)), ...credentials },
    signal,
  )
  if (credentials !== undefined) settings.credentials?.keep(client, credentials, report)
  return client
}

function ignore(): void {
  // Whoever shares the credentials and has somebody to tell, tells.
}

/** Where the settings lead, for messages. Without the password. */
export function addressOf(settings: ServerSettings): string {
  const { sentinel, path, host, port, database } = settings
  if (sentinel !== undefined) {
    const list = sentinel.addresses.map((address) => `${address.host}:${address.port}`).join(', ')
    return `master "${sentinel.masterName}" of sentinels ${list}`
  }
  return path === undefined ? `${host}:${port}/${database}` : `${path} (database ${database})`
}

/** True when a server does not let this user be told about changed keys. */
export function refusesTracking(error: unknown): boolean {
  const { cause } = error instanceof ConnectionError ? error : {}
  return (
    cause instanceof ReplyError &&
    /tracking|unknown (sub)?command|syntax error/i.test(cause.message)
  )
}

async function targetOf(settings: ServerSettings, request: ConnectRequest): Promise<ClientTarget> {
  const { sentinel, ssl, ...rest } = settings
  const found =
    sentinel === undefined ? undefined : await askSentinels(settings, sentinel, request.signal)
  const tls = ssl === undefined ? undefined : await tlsOptions(ssl)
  return { ...rest, ...found, tls, tracking: request.tracking ?? false }
}

function tooSlow(settings: ServerSettings, cause: unknown): ConnectionError {
  return new ConnectionError(
    'TIMED_OUT',
    `Cannot connect to Redis at ${addressOf(settings)}: no answer within ${settings.socketConnectTimeoutMs} ms ("socketConnectTimeoutMs"). ` +
      'Check host and port, and whether the server hangs',
    { cause },
  )
}
