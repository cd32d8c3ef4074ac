import { ConnectionError } from '@dashi/messaging/transport'
import { connectError } from '../errors.ts'
import type { ServerSettings } from '../settings.ts'
import { type ClientTarget, openClient, type RedisClient } from './client.ts'
import { ReplyError } from './client-errors.ts'
import { askSentinels } from './sentinel.ts'
import { tlsOptions } from './tls.ts'

/** What a connection is wanted for. */
export interface ConnectRequest {
  readonly signal: AbortSignal
  /** The server shall tell about changed keys. Default `false`. */
  readonly tracking?: boolean
  /** Overrides the address: a node of a cluster. */
  readonly node?: { readonly host: string; readonly port: number }
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
  try {
    return await openClient(await targetOf(settings, { ...request, signal }), signal)
  } catch (error) {
    request.signal.throwIfAborted()
    if (deadline.aborted) throw tooSlow(settings, error)
    throw connectError(error, addressOf(settings))
  }
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
    sentinel === undefined ? request.node : await askSentinels(settings, sentinel, request.signal)
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
