import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { findBinary, obtainBinary } from '../services/binary.ts'
import { type Broker, type StartedBroker, UnavailableError } from '../services/broker.ts'
import { anyPorts, freePort } from '../services/port.ts'
import { askRedis } from '../services/redis-request.ts'
import { waitUntil } from '../services/wait.ts'
import { type RedisServer, startRedis } from './redis.ts'

/** How a cluster is started. */
export interface RedisClusterOptions {
  /** Default: 3. */
  readonly masters?: number
  /** Per master. Default: 0. */
  readonly replicas?: number
  /** Two per node: its own and that of the cluster's bus. Default: ports that are free. */
  readonly ports?: readonly number[]
  /** Whether they go on when this process ends. Default: false. */
  readonly survives?: boolean
  /** Whether every write is on disk before it is answered. Default: false. */
  readonly appendonly?: boolean
}

/** A Redis Cluster on the loopback. */
export interface RedisCluster extends AsyncDisposable {
  /** Masters and replicas. */
  readonly nodes: readonly RedisServer[]
  /** `redis://host:port` of each node, with `;` between them. */
  readonly url: string
  /** The port of the node that has the slot, as the first node that answers sees it. */
  ownerOf(slot: number): Promise<number>
  /** The slot of a key. */
  slotOf(key: string): Promise<number>
  /**
   * Moves a slot to the node with that port, key by key, as an operator's tool does, with others at work on it.
   *
   * @param onStep Awaited before each key, while the slot is on its way.
   */
  move(slot: number, port: number, onStep?: () => Promise<unknown>): Promise<void>
  stop(): Promise<void>
}

const run = promisify(execFile)
const firstSharedPort = 17_391

/**
 * Starts a cluster and resolves when every node says that it is whole.
 *
 * @throws {UnavailableError} when there is no `redis-server` or `redis-cli`.
 */
export async function startRedisCluster(options: RedisClusterOptions = {}): Promise<RedisCluster> {
  const { masters = 3, replicas = 0, survives = false, appendonly = false } = options
  const count = masters * (1 + replicas)
  await obtainBinary('redis-server', 'redis-server')
  await using started = new AsyncDisposableStack()
  const ports = options.ports ?? (await anyPorts(2 * count))
  const nodes: RedisServer[] = []
  for (let index = 0; index < count; index += 1) {
    const [port = 0, busPort = 0] = ports.slice(2 * index)
    nodes.push(
      started.use(await startRedis({ port, args: nodeArgs(busPort), survives, appendonly })),
    )
  }
  const places = nodes.map(({ port }) => `127.0.0.1:${port}`)
  const create = ['--cluster', 'create', ...places, '--cluster-replicas', String(replicas)]
  await run(cli(), [...create, '--cluster-yes'])
  await waitUntilWhole(nodes, masters * replicas)
  return new LiveCluster(nodes, started.move())
}

export const broker: Broker = {
  name: 'redis-cluster',
  variables: ['DASHI_TEST_REDIS_CLUSTER_URL'],
  isUp: async ({ DASHI_TEST_REDIS_CLUSTER_URL = '' }) => {
    const ports = DASHI_TEST_REDIS_CLUSTER_URL.split(';').map((url) => Number(new URL(url).port))
    const infos = await Promise.all(ports.map((port) => askRedis(port, 'CLUSTER INFO')))
    return infos.every((info) => info.includes('cluster_state:ok'))
  },
  start: startShared,
}

async function startShared(): Promise<StartedBroker> {
  const ports: number[] = []
  for (let count = 0; count < 6; count += 1) {
    ports.push(await freePort((ports.at(-1) ?? firstSharedPort - 1) + 1))
  }
  const { url, nodes } = await startRedisCluster({ ports, survives: true })
  return {
    environment: { DASHI_TEST_REDIS_CLUSTER_URL: url },
    processes: nodes.flatMap(({ process }) => process.record ?? []),
    folders: nodes.map(({ process }) => process.folder),
  }
}

function nodeArgs(busPort: number): readonly string[] {
  // The same delays as in `redis-sentinel.ts`, and a replica that may take over however old its data are.
  return [
    ['--cluster-enabled', 'yes'],
    ['--cluster-config-file', 'nodes.conf'],
    ['--cluster-port', String(busPort)],
    ['--cluster-node-timeout', '2000'],
    ['--cluster-replica-validity-factor', '0'],
    ['--repl-diskless-sync-delay', '0'],
  ].flat()
}

function cli(): string {
  const found = findBinary('redis-cli')
  if (found === undefined) throw new UnavailableError('"redis-cli" is not installed')
  return found
}

async function waitUntilWhole(nodes: readonly RedisServer[], replicas: number): Promise<void> {
  const isWhole = async ({ port }: RedisServer) => {
    const info = await askRedis(port, 'CLUSTER INFO')
    const known = await askRedis(port, 'CLUSTER NODES')
    return (
      info.includes('cluster_state:ok') &&
      info.includes(`cluster_known_nodes:${nodes.length}`) &&
      (known.match(/slave /g) ?? []).length === replicas
    )
  }
  const areWhole = async () => (await Promise.all(nodes.map(isWhole))).every(Boolean)
  if (!(await waitUntil(areWhole)))
    throw new Error('Cannot start redis-cluster: not whole after 30 s')
}

class LiveCluster implements RedisCluster {
  readonly nodes: readonly RedisServer[]
  readonly #started: AsyncDisposableStack

  constructor(nodes: readonly RedisServer[], started: AsyncDisposableStack) {
    this.nodes = nodes
    this.#started = started
  }

  get url(): string {
    return this.nodes.map(({ port }) => `redis://127.0.0.1:${port}`).join(';')
  }

  async slotOf(key: string): Promise<number> {
    return Number(await this.#ask('CLUSTER', 'KEYSLOT', key))
  }

  async ownerOf(slot: number): Promise<number> {
    const owner = (await this.#known()).find(({ slots }) =>
      slots.some(([a, b]) => a <= slot && slot <= b),
    )
    if (owner === undefined) throw new Error(`No node has slot ${slot}`)
    return owner.port
  }

  async move(slot: number, port: number, onStep?: () => Promise<unknown>): Promise<void> {
    const source = await this.ownerOf(slot)
    if (source === port) return
    const [from, to] = [await this.#idAt(source), await this.#idAt(port)]
    await command(port, 'CLUSTER', 'SETSLOT', String(slot), 'IMPORTING', from)
    await command(source, 'CLUSTER', 'SETSLOT', String(slot), 'MIGRATING', to)
    for (;;) {
      await onStep?.()
      const keys = await command(source, 'CLUSTER', 'GETKEYSINSLOT', String(slot), '1')
      if (keys === '') break
      await command(source, 'MIGRATE', '127.0.0.1', String(port), keys, '0', '5000')
    }
    for (const at of [port, source])
      await command(at, 'CLUSTER', 'SETSLOT', String(slot), 'NODE', to)
  }

  async stop(): Promise<void> {
    await this.#started.disposeAsync()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop()
  }

  async #idAt(port: number): Promise<string> {
    const node = (await this.#known()).find((known) => known.port === port)
    if (node === undefined) throw new Error(`The cluster has no node at port ${port}`)
    return node.id
  }

  async #known(): Promise<readonly KnownNode[]> {
    const text = await this.#ask('CLUSTER', 'NODES')
    return text.split('\n').map(readNode)
  }

  async #ask(...words: readonly string[]): Promise<string> {
    for (const { port } of this.nodes) {
      const answer = await command(port, ...words).catch(() => undefined)
      if (answer !== undefined) return answer
    }
    throw new Error('No node of the cluster answers')
  }
}

interface KnownNode {
  readonly id: string
  readonly port: number
  readonly slots: readonly (readonly [number, number])[]
}

function readNode(line: string): KnownNode {
  const [id = '', address = '', flags = '', , , , , , ...ranges] = line.split(' ')
  const isMaster = flags.includes('master') && !flags.includes('fail')
  const slots = isMaster ? ranges.filter((range) => /^\d/.test(range)) : []
  return {
    id,
    port: Number(/:(\d+)@/.exec(address)?.[1]),
    slots: slots.map((range) => {
      const [first, last = first] = range.split('-').map(Number)
      return [first ?? 0, last ?? 0] as const
    }),
  }
}

/** The answer as text. Keys may hold any byte but a line break. */
async function command(port: number, ...words: readonly string[]): Promise<string> {
  const { stdout } = await run(cli(), ['-p', String(port), '-e', ...words], { encoding: 'latin1' })
  return stdout.replace(/\n$/, '')
}
