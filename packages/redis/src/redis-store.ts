import {
  type Capabilities,
  ChannelError,
  type ConnectOptions,
  type MessagingError,
  type QueueStore,
  type StoreSession,
} from '@dashi/messaging/transport'
import type { RedisClient } from './connection/client.ts'
import { connect } from './connection/connect.ts'
import { connectMaster, type MasterConnection } from './connection/connect-master.ts'
import { KnownNodes } from './connection/known-nodes.ts'
import { SentinelWatch } from './connection/sentinel-watch.ts'
import { hasShardedPubSub, noShardedFanout } from './connection/sharded-pub-sub.ts'
import { operationError } from './errors.ts'
import { LeaseKeeper } from './lease/lease-keeper.ts'
import type { RedisOptions } from './options.ts'
import { type StoreSettings, storeSettings } from './settings.ts'
import { patternWay, shardedWay } from './store/broadcast-way.ts'
import { Keys } from './store/keys.ts'
import { RedisSession } from './store/redis-session.ts'
import { endHoldersScript } from './store/scripts/hold.ts'
import type { Wire } from './store/wire.ts'

/** What queues in Redis can do. */
export const redisCapabilities: Capabilities = Object.freeze({
  exchangeTypes: Object.freeze(['direct', 'topic', 'fanout'] as const),
  exchangeBindings: false,
  priorities: 'low-first',
  messageTtl: true,
  deadLetters: true,
  leases: true,
  sharedBindings: true,
  durability: 'broker',
  requeue: 'last',
  heartbeats: false,
})

/**
 * Queues in Redis, with the keys and texts of Kombu, so that Kombu and Celery peers share them.
 *
 * A value: it connects when it is opened.
 *
 * @throws {ConfigurationError} `BAD_OPTION`.
 */
export function redisStore(options: RedisOptions = {}): QueueStore {
  const settings = storeSettings(options)
  const { server } = settings
  const opener = new SessionOpener(settings)
  return Object.freeze({
    name: 'redis',
    capabilities: redisCapabilities,
    maxPayloadBytes: settings.maxPayloadBytes,
    address: Object.freeze({
      scheme: schemeOf(settings),
      hostname: server.path ?? server.sentinel?.addresses[0]?.host ?? server.host,
      port:
        server.path === undefined
          ? (server.sentinel?.addresses[0]?.port ?? server.port)
          : undefined,
      userid: server.username,
      password: server.password,
      virtualHost: String(server.database),
    }),
    open: (connectOptions: ConnectOptions) => opener.open(connectOptions),
  })
}

function schemeOf({ server }: StoreSettings): string {
  if (server.sentinel !== undefined) return 'sentinel'
  if (server.path !== undefined) return 'redis+socket'
  return server.ssl === undefined ? 'redis' : 'rediss'
}

type Report = (notice: MessagingError) => void

function tooFewReplicas(count: number, replicas: number): ChannelError {
  return new ChannelError(
    'PRECONDITION_FAILED',
    `"confirmReplicas" is ${replicas}, and ${count} replicas of this Redis answer: until there are more, every publish ends as OUTCOME_UNKNOWN. ` +
      'Start them, or look at their links ("INFO replication")',
  )
}

/** What the sessions of one store share. */
class SessionOpener {
  readonly #settings: StoreSettings
  readonly #keys: Keys
  readonly #keeper: LeaseKeeper
  readonly #nodes = new KnownNodes()
  readonly #sentinels: SentinelWatch | undefined
  /** Said already. A setting of the server does not get better by saying so at every reconnect. */
  readonly #reported = new Set<string>()
  /** Sessions of ours that broke: nobody else knows so soon that what they held is free. */
  readonly #orphaned = new Set<string>()

  constructor(settings: StoreSettings) {
    this.#settings = settings
    this.#keys = new Keys(settings.keys)
    this.#keeper = new LeaseKeeper(settings)
    const { server } = settings
    this.#sentinels = server.sentinel && new SentinelWatch(server, server.sentinel)
  }

  async open(options: ConnectOptions): Promise<StoreSession> {
    const report = (notice: MessagingError) => this.#reportOnce(notice, options.report)
    for (const notice of this.#settings.notices) report(new ChannelError('UNSUPPORTED', notice))
    const { client, isTracking, isCluster, version } = await this.#connect(options, report)
    try {
      const isSharded = await this.#isSharded(client, version, report)
      const { confirmedBy } = this.#settings
      const writer = confirmedBy === undefined ? client : client.confirmedBy(confirmedBy)
      const wire: Wire = { client, writer, keys: this.#keys, settings: this.#settings }
      const session = new RedisSession({
        wire,
        isTracking,
        report,
        keeper: this.#keeper,
        countsReceivers: isSharded || !isCluster,
        way: isSharded ? shardedWay(this.#keys) : patternWay(this.#keys),
        receiver: lazyReceiver(wire, (signal) => this.#connectReceiver(isCluster, signal)),
        onOrphaned: (holder) => this.#orphaned.add(holder),
      })
      await Promise.all([
        session.start(),
        this.#freeOrphans(client),
        this.#lookForReplicas(client, report),
      ])
      return session
    } catch (error) {
      client.destroy()
      throw operationError(error, 'begin a Redis session')
    }
  }

  async #connect(options: ConnectOptions, report: Report): Promise<MasterConnection> {
    const { server, confirmedBy } = this.#settings
    const { prefix } = this.#keys
    const replicasConfirm = confirmedBy !== undefined
    const request = { report, tracking: true, prefix, replicasConfirm, nodes: this.#nodes }
    const connect = (signal: AbortSignal) => connectMaster(server, { ...request, signal })
    const signal = options.signal ?? new AbortController().signal
    return await (this.#sentinels?.follow(connect, signal) ?? connect(signal))
  }

  async #isSharded(
    client: RedisClient,
    version: string | undefined,
    report: (notice: MessagingError) => void,
  ): Promise<boolean> {
    if (!this.#settings.keys.fanoutSharded) return false
    if (await hasShardedPubSub(client, version)) return true
    report(noShardedFanout(version))
    return false
  }

  /** In a cluster, one that finds the node of a sharded channel. */
  async #connectReceiver(isCluster: boolean, signal: AbortSignal): Promise<RedisClient> {
    const { server } = this.#settings
    if (!isCluster) return await connect(server, { signal })
    const { prefix } = this.#keys
    const request = { signal, report: ignore, tracking: false, prefix, nodes: this.#nodes }
    return (await connectMaster(server, request)).client
  }

  /** So that the first sweep of this session gives back what the broken one held. */
  async #freeOrphans(client: RedisClient): Promise<void> {
    const holders = [...this.#orphaned]
    if (holders.length === 0) return
    await client.run(endHoldersScript, [this.#keys.holders], holders)
    for (const holder of holders) this.#orphaned.delete(holder)
  }

  /** So that it is known at once, and not by the first publish, that nobody is there to confirm. */
  async #lookForReplicas(client: RedisClient, report: Report): Promise<void> {
    const { replicas = 0 } = this.#settings.confirmedBy ?? {}
    if (replicas === 0) return
    // It waits for nobody, and counts.
    const count = await client.send<number>(['WAIT', '0', '1'])
    if (count < replicas) report(tooFewReplicas(count, replicas))
  }

  #reportOnce(notice: MessagingError, report: ConnectOptions['report']): void {
    if (this.#reported.has(notice.message) || this.#reported.size > 1_000) return
    this.#reported.add(notice.message)
    report?.(notice)
  }
}

function ignore(): void {
  // The session's first connection has said it.
}

/** The second connection of a session, made when first asked for. It ends the session when it is lost. */
function lazyReceiver(
  { client }: Wire,
  connectReceiver: (signal: AbortSignal) => Promise<RedisClient>,
): () => Promise<RedisClient> {
  let opening: Promise<RedisClient> | undefined
  const open = async () => {
    const receiver = await connectReceiver(new AbortController().signal)
    void receiver.closed.then((reason) => client.destroy(reason))
    void client.closed.then(() => receiver.destroy())
    return receiver
  }
  return async () => {
    opening ??= open()
    try {
      return await opening
    } catch (error) {
      // The next one who asks tries again.
      opening = undefined
      throw error
    }
  }
}
