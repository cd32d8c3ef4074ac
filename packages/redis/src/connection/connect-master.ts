import { ChannelError, ConnectionError, type MessagingError } from '@dashi/messaging/transport'
import { operationError } from '../errors.ts'
import type { ServerSettings } from '../settings.ts'
import type { RedisClient } from './client.ts'
import { ReplyError } from './client-errors.ts'
import { nodeOf } from './cluster.ts'
import { addressOf, type ConnectRequest, connect, refusesTracking } from './connect.ts'
import { objectionTo, parseInfo, risksOf, type ServerInfo } from './inspection.ts'

/** How a connection for messages is wanted. */
export interface MasterRequest {
  readonly signal: AbortSignal
  /** The server shall tell about changed keys, where it lets this user be told. */
  readonly tracking: boolean
  /** In front of every key. In a cluster it decides the node; `undefined`: keys are anywhere. */
  readonly prefix: string | undefined
  /** Told of settings that put messages at risk. */
  readonly report: (notice: MessagingError) => void
}

/** A connection that has been looked at. */
export interface MasterConnection {
  readonly client: RedisClient
  /** The server tells about changed keys. */
  readonly isTracking: boolean
  readonly isCluster: boolean
}

/**
 * Connects to a server that can be written to, and looks before it trusts.
 *
 * @throws {ConnectionError} `CONNECTION_REFUSED` also for a replica, or a Redis older than 6.2.
 */
export async function connectMaster(
  settings: ServerSettings,
  request: MasterRequest,
): Promise<MasterConnection> {
  const first = await connectTracking(settings, request)
  try {
    const info = await infoOf(first.client, request)
    if (info?.isCluster !== true) return { ...first, isCluster: false }
    return { ...(await moved(first, settings, request)), isCluster: true }
  } catch (error) {
    first.client.destroy()
    throw operationError(error, `look at Redis at ${addressOf(settings)}`)
  }
}

type Tracked = Omit<MasterConnection, 'isCluster'>

async function connectTracking(
  settings: ServerSettings,
  request: ConnectRequest,
): Promise<Tracked> {
  const { signal, node, tracking = false } = request
  const target = { signal, ...(node === undefined ? {} : { node }) }
  try {
    return { client: await connect(settings, { ...target, tracking }), isTracking: tracking }
  } catch (error) {
    if (!tracking || !refusesTracking(error)) throw error
    return { client: await connect(settings, target), isTracking: false }
  }
}

/** The node of the cluster that holds our keys. */
async function moved(
  first: Tracked,
  settings: ServerSettings,
  request: MasterRequest,
): Promise<Tracked> {
  const node = await nodeOf(first.client, request.prefix, settings.host)
  if (node.isHere) return first
  first.client.destroy()
  const { signal, tracking } = request
  return await connectTracking(settings, { signal, tracking, node })
}

async function infoOf(
  client: RedisClient,
  request: MasterRequest,
): Promise<ServerInfo | undefined> {
  try {
    const info = parseInfo(await client.send<string>(['INFO']))
    const objection = objectionTo(info)
    if (objection !== undefined) {
      throw new ConnectionError('CONNECTION_REFUSED', `This Redis cannot be used: ${objection}`)
    }
    for (const risk of risksOf(info)) request.report(new ChannelError('PRECONDITION_FAILED', risk))
    return info
  } catch (error) {
    if (!(error instanceof ReplyError && error.kind === 'NOPERM')) throw error
    request.report(notAllowed(error))
    return undefined
  }
}

function notAllowed(cause: ReplyError): ChannelError {
  return new ChannelError(
    'ACCESS_REFUSED',
    'The Redis user may not use INFO, so "maxmemory-policy" and the role of the server were not checked. Allow it with "+info"',
    { cause },
  )
}
