import { ConfigurationError, ConnectionError } from '@dashi/messaging/transport'
import type { RedisClient } from './client.ts'
import type { NodeAddress } from './redirection.ts'

type SlotNode = readonly [host: string | null, port: number, id: string, ...rest: unknown[]]
type SlotRange = readonly [first: number, last: number, ...mastersFirst: SlotNode[]]

/** The node of a cluster that holds a slot. */
export interface ClusterNode extends NodeAddress {
  /** It is the node that was asked. */
  readonly isHere: boolean
  /** All nodes that have slots, replicas included. */
  readonly all: readonly NodeAddress[]
}

/**
 * Finds the node that holds all keys with this prefix.
 *
 * One prefix is one slot is one node, so that takes and routes stay single atomic scripts.
 *
 * @throws {ConfigurationError} `BAD_OPTION` when the prefix has no hash tag.
 */
export async function nodeOf(
  client: RedisClient,
  prefix: string | undefined,
  asked: string,
): Promise<ClusterNode> {
  if (prefix === undefined) throw noCluster()
  if (!/\{[^}]+\}/.test(prefix)) throw noHashTag(prefix)
  const [slot, ranges, myId] = await Promise.all([
    client.send<number>(['CLUSTER', 'KEYSLOT', prefix]),
    client.send<readonly SlotRange[]>(['CLUSTER', 'SLOTS']),
    client.send<string>(['CLUSTER', 'MYID']),
  ])
  const range = ranges.find(([first, last]) => first <= slot && slot <= last)
  const [, , master] = range ?? []
  if (master === undefined) {
    throw new ConnectionError(
      'CONNECTION_REFUSED',
      `No node of the Redis Cluster at ${asked} serves slot ${slot}, where the keys with prefix "${prefix}" are`,
    )
  }
  const addressOf = ([host, port]: SlotNode) => ({ host: host || asked, port })
  const all = ranges.flatMap(([, , ...nodes]) => nodes.map(addressOf))
  return { ...addressOf(master), isHere: master[2] === myId, all: distinct(all) }
}

function distinct(nodes: readonly NodeAddress[]): readonly NodeAddress[] {
  return [...new Map(nodes.map((node) => [`${node.host}:${node.port}`, node])).values()]
}

function noHashTag(prefix: string): ConfigurationError {
  return new ConfigurationError(
    'BAD_OPTION',
    `On Redis Cluster, option "globalKeyprefix" needs a hash tag that keeps all keys on one node, e.g. "{dashi}", not ${JSON.stringify(prefix)}`,
  )
}

function noCluster(): ConfigurationError {
  return new ConfigurationError(
    'BAD_OPTION',
    'Plain queues do not work on Redis Cluster, where keys lie on several nodes. Use the transport, with a hash tag in "globalKeyprefix", or a server of its own',
  )
}
