import { ConfigurationError, ConnectionError } from '@dashi/messaging/transport'
import type { RedisClient } from './client.ts'

type SlotRange = readonly [
  first: number,
  last: number,
  master: readonly [host: string | null, port: number, ...rest: unknown[]],
  ...replicas: unknown[],
]

/** The node of a cluster that holds a slot. */
export interface ClusterNode {
  readonly host: string
  readonly port: number
  /** It is the node that was asked. */
  readonly isHere: boolean
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
  if (range === undefined) {
    throw new ConnectionError(
      'CONNECTION_REFUSED',
      `No node of the Redis Cluster at ${asked} serves slot ${slot}, where the keys with prefix "${prefix}" are`,
    )
  }
  const [, , [host, port, id]] = range
  return { host: host || asked, port, isHere: id === myId }
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
