import { ChannelError, ConnectionError, type MessagingError } from '@dashi/messaging/transport'
import { operationError } from '../errors.ts'
import type { ServerSettings } from '../settings.ts'
import type { RedisClient } from './client.ts'
import { ReplyError } from './client-errors.ts'
import { nodeOf } from './cluster.ts'
import { addressOf, connect, refusesTracking } from './connect.ts'
import { objectionTo, parseInfo, risksOf, type ServerInfo } from './inspection.ts'
import { trackOnRequest } from './key-watch.ts'
import { KnownNodes } from './known-nodes.ts'
import { RedirectingClient } from './redirecting-client.ts'
import type { NodeAddress } from './redirection.ts'

/** How a connection for messages is wanted. */
export interface MasterRequest {
  readonly signal: AbortSignal
  /** The server shall tell about changed keys, where it lets this user be told. */
  readonly tracking: boolean
  /** In front of every key. In a cluster it decides the node; `undefined`: keys are anywhere. */
  readonly prefix: string | undefined
  /** Publishes wait for replicas, so that a failover cannot lose them. Default `false`. */
  readonly replicasConfirm?: boolean
  /** Told of settings that put messages at risk. */
  readonly report: (notice: MessagingError) => void
  /** Remembers the nodes of a cluster, for when the address of the settings does not answer. */
  readonly nodes?: KnownNodes
}

/** A connection that has been looked at. */
export interface MasterConnection {
  readonly client: RedisClient
  /** The server tells about changed keys. */
  readonly isTracking: boolean
  readonly isCluster: boolean
  /** `undefined` where the user may not know. */
  readonly version: string | undefined
}

interface Tracked {
  readonly client: RedisClient
  readonly isTracking: boolean
  readonly address: NodeAddress
}

/**
 * Connects to a server that can be written to, and looks before it trusts.
 *
 * In a cluster it connects to the node that has the keys, and follows them when they move.
 *
 * @throws {ConnectionError} `CONNECTION_REFUSED` also for a replica, or a Redis older than 6.2.
 */
export async function connectMaster(
  settings: ServerSettings,
  request: MasterRequest,
): Promise<MasterConnection> {
  const first = await connectAny(settings, request)
  try {
    const info = await infoOf(first.client, request)
    if (info?.isCluster === true) return await inCluster(first, settings, request)
    if (info !== undefined) inspect(info, request)
    const { client, isTracking } = first
    return { client, isTracking, isCluster: false, version: info?.version }
  } catch (error) {
    first.client.destroy()
    throw operationError(error, `look at Redis at ${addressOf({ ...settings, ...first.address })}`)
  }
}

/** The server of the settings, or any other node of its cluster. */
async function connectAny(settings: ServerSettings, request: MasterRequest): Promise<Tracked> {
  const { nodes = new KnownNodes(), signal } = request
  let firstError: unknown
  for (const node of nodes.inTurn) {
    try {
      return await connectTracking(settings, request, node)
    } catch (error) {
      signal.throwIfAborted()
      if (!isElsewhere(error)) throw error
      firstError ??= error
      nodes.failed(node)
    }
  }
  throw firstError
}

/** Another node may answer. */
function isElsewhere(error: unknown): boolean {
  if (!(error instanceof ConnectionError)) return false
  return error.code === 'CONNECTION_REFUSED' || error.code === 'TIMED_OUT'
}

async function connectTracking(
  settings: ServerSettings,
  request: Omit<MasterRequest, 'prefix'>,
  node: NodeAddress | undefined,
): Promise<Tracked> {
  const { signal, report, tracking } = request
  const { host, port } = node ?? settings
  const target = { signal, report, ...(node === undefined ? {} : { node }) }
  const address = { host, port }
  try {
    const client = await connect(settings, { ...target, tracking })
    return { client, isTracking: tracking, address }
  } catch (error) {
    if (!tracking || !refusesTracking(error)) throw error
    return { client: await connect(settings, target), isTracking: false, address }
  }
}

/** The node of the cluster that holds our keys. */
async function inCluster(
  first: Tracked,
  settings: ServerSettings,
  request: MasterRequest,
): Promise<MasterConnection> {
  const { all, isHere, host, port } = await nodeOf(first.client, request.prefix, first.address.host)
  request.nodes?.remember(all)
  const home = isHere ? first : await connectTracking(settings, request, { host, port })
  if (!isHere) first.client.destroy()
  const { client, isTracking, address } = home
  try {
    const info = await infoOf(client, request)
    if (info !== undefined) inspect(info, request)
    const dial = async (node: NodeAddress, signal: AbortSignal) => {
      const next = { signal, report: request.report, tracking: isTracking }
      const other = await connectTracking(settings, next, node)
      if (isTracking) await trackOnRequest(other.client)
      return other.client
    }
    const following = new RedirectingClient({ client, address, dial })
    return { client: following, isTracking, isCluster: true, version: info?.version }
  } catch (error) {
    client.destroy()
    throw error
  }
}

async function infoOf(
  client: RedisClient,
  request: MasterRequest,
): Promise<ServerInfo | undefined> {
  try {
    return parseInfo(await client.send<string>(['INFO']))
  } catch (error) {
    if (!(error instanceof ReplyError && error.kind === 'NOPERM')) throw error
    request.report(notAllowed(error))
    return undefined
  }
}

function inspect(info: ServerInfo, request: MasterRequest): void {
  const objection = objectionTo(info)
  if (objection !== undefined) {
    throw new ConnectionError('CONNECTION_REFUSED', `This Redis cannot be used: ${objection}`)
  }
  for (const risk of risksOf(info, request))
    request.report(new ChannelError('PRECONDITION_FAILED', risk))
}

function notAllowed(cause: ReplyError): ChannelError {
  return new ChannelError(
    'ACCESS_REFUSED',
    'The Redis user may not use INFO, so "maxmemory-policy" and the role of the server were not checked. Allow it with "+info"',
    { cause },
  )
}
