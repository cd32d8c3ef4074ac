import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { obtainBinary } from '../services/binary.ts'
import type { Broker, StartedBroker } from '../services/broker.ts'
import { anyPorts, freePort } from '../services/port.ts'
import { askRedis } from '../services/redis-request.ts'
import { ServerProcess } from '../services/server-process.ts'
import { waitUntil } from '../services/wait.ts'
import { type RedisServer, startRedis } from './redis.ts'

/** How a group of Redis servers with sentinels is started. */
export interface RedisSentinelOptions {
  /** Five: two servers, three sentinels. Default: ports that are free. */
  readonly ports?: readonly number[]
  /** Whether they go on when this process ends. Default: false. */
  readonly survives?: boolean
}

/** Two Redis servers, of which the first begins as the master, and three sentinels who watch them. */
export interface RedisSentinelGroup extends AsyncDisposable {
  /** `sentinel://host:port` of each sentinel, with `;` between them. */
  readonly url: string
  readonly masterName: string
  readonly servers: readonly RedisServer[]
  readonly sentinels: readonly ServerProcess[]
  stop(): Promise<void>
}

const masterName = 'mymaster'
const firstSharedPort = 17_381

/**
 * Starts the group and resolves when the sentinels agree and the replica has the master's data.
 *
 * `servers[0].process.kill()` makes the other one master, about two seconds later.
 *
 * @throws {UnavailableError} when there is no `redis-server` and none can be installed.
 */
export async function startRedisSentinel(
  options: RedisSentinelOptions = {},
): Promise<RedisSentinelGroup> {
  const { survives = false } = options
  const [masterPort = 0, replicaPort = 0, ...sentinelPorts] = options.ports ?? (await anyPorts(5))
  await using started = new AsyncDisposableStack()
  // Without delay: a replica that has synced nothing yet would lose all data in a failover.
  const args = ['--repl-diskless-sync-delay', '0']
  const replicaof = ['--replicaof', '127.0.0.1', String(masterPort)]
  const master = started.use(await startRedis({ port: masterPort, args, survives }))
  const replica = started.use(
    await startRedis({ port: replicaPort, args: [...args, ...replicaof], survives }),
  )
  const sentinels: ServerProcess[] = []
  for (const port of sentinelPorts) {
    sentinels.push(started.use(await startSentinel(port, masterPort, survives)))
  }
  await waitForAgreement(sentinelPorts, replicaPort)
  return group([master, replica], sentinels, { ports: sentinelPorts, started: started.move() })
}

export const broker: Broker = {
  name: 'redis-sentinel',
  variables: ['DASHI_TEST_REDIS_SENTINEL_URL', 'DASHI_TEST_REDIS_SENTINEL_MASTER'],
  isUp: async ({ DASHI_TEST_REDIS_SENTINEL_URL = '' }) => {
    const ports = DASHI_TEST_REDIS_SENTINEL_URL.split(';').map((url) => Number(new URL(url).port))
    const agreed = await Promise.all(ports.map(hasQuorum))
    return agreed.every(Boolean)
  },
  start: startShared,
}

async function startShared(): Promise<StartedBroker> {
  const ports: number[] = []
  for (let count = 0; count < 5; count += 1) {
    ports.push(await freePort((ports.at(-1) ?? firstSharedPort - 1) + 1))
  }
  const { url, servers, sentinels } = await startRedisSentinel({ ports, survives: true })
  // Sentinels first: they would answer the end of the master with a failover.
  const processes = [...sentinels, ...servers.map(({ process }) => process)]
  return {
    environment: {
      DASHI_TEST_REDIS_SENTINEL_URL: url,
      DASHI_TEST_REDIS_SENTINEL_MASTER: masterName,
    },
    processes: processes.flatMap(({ record }) => record ?? []),
    folders: processes.map(({ folder }) => folder),
  }
}

function group(
  servers: readonly RedisServer[],
  sentinels: readonly ServerProcess[],
  { ports, started }: { ports: readonly number[]; started: AsyncDisposableStack },
): RedisSentinelGroup {
  const stop = () => started.disposeAsync()
  const url = ports.map((port) => `sentinel://127.0.0.1:${port}`).join(';')
  return { url, masterName, servers, sentinels, stop, [Symbol.asyncDispose]: stop }
}

async function startSentinel(
  port: number,
  masterPort: number,
  survives: boolean,
): Promise<ServerProcess> {
  const sentinel = new ServerProcess({
    name: 'redis-sentinel',
    command: await obtainBinary('redis-server', 'redis-server'),
    args: ['sentinel.conf', '--sentinel'],
    survives,
    isReady: async () => (await askRedis(port, 'PING')).startsWith('+PONG'),
  })
  writeFileSync(join(sentinel.folder, 'sentinel.conf'), sentinelConfiguration(port, masterPort))
  await sentinel.start()
  return sentinel
}

function sentinelConfiguration(port: number, masterPort: number): string {
  return `port ${port}
bind 127.0.0.1
sentinel monitor ${masterName} 127.0.0.1 ${masterPort} 2
sentinel down-after-milliseconds ${masterName} 2000
sentinel failover-timeout ${masterName} 5000
`
}

async function waitForAgreement(sentinels: readonly number[], replica: number): Promise<void> {
  const agreed = await waitUntil(async () => {
    const quorums = await Promise.all(sentinels.map(hasQuorum))
    const replication = await askRedis(replica, 'INFO replication')
    return quorums.every(Boolean) && replication.includes('master_link_status:up')
  })
  if (!agreed) throw new Error('Cannot start redis-sentinel: the sentinels do not agree after 30 s')
}

async function hasQuorum(port: number): Promise<boolean> {
  const quorum = await askRedis(port, `SENTINEL CKQUORUM ${masterName}`)
  const master = await askRedis(port, `SENTINEL MASTER ${masterName}`)
  return quorum.startsWith('+OK 3 usable') && /num-slaves\r\n\$1\r\n1\r\n/.test(master)
}
