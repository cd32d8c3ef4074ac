import { setTimeout } from 'node:timers/promises'
import type { RedisServer } from '../../../tools/brokers/redis.ts'
import {
  type RedisSentinelGroup,
  startRedisSentinel,
} from '../../../tools/brokers/redis-sentinel.ts'
import { askRedis } from '../../../tools/services/redis-request.ts'
import { waitUntil } from '../../../tools/services/wait.ts'
import type { FaultPlan } from '../fault-plan.ts'
import { redisAnswers } from './redis-answers.ts'
import { quarantinedAt, remainingIdsAt, remainsAt, versionAt } from './redis-contents.ts'
import type { BrokerControl, Subject } from './subject.ts'

/** Two Redis servers without any file, and three sentinels: what survives, survives with the replica. */
export async function sentinelSubject(plan: FaultPlan): Promise<Subject> {
  const group = await startRedisSentinel()
  const broker = new Failover(group)
  const sentinels = sentinelPorts(group).map((port) => `127.0.0.1:${port}`)
  return {
    url: `sentinel://${sentinels.join(',')}/0`,
    transportOptions: {
      leaseMs: plan.leaseMs,
      masterName: group.masterName,
      confirmReplicas: plan.durability === 'replica' ? 1 : 0,
    },
    version: `Redis ${await versionAt(broker.masterPort)} with Sentinel`,
    broker,
    remains: () => remainsAt(broker.masterPort),
    remainingIds: () => remainingIdsAt(broker.masterPort),
    quarantined: () => quarantinedAt(broker.masterPort),
    [Symbol.asyncDispose]: () => group.stop(),
  }
}

/** How long the master is alone before it is killed. */
const replicaLagMs = 300

/** Takes the master away. The fault is over when the other server is master, and healed when the old one is its replica. */
class Failover implements BrokerControl {
  readonly #group: RedisSentinelGroup
  #master: RedisServer
  #replica: RedisServer

  constructor(group: RedisSentinelGroup) {
    const [master, replica] = group.servers
    if (master === undefined || replica === undefined) throw new Error('A group has two servers')
    this.#group = group
    this.#master = master
    this.#replica = replica
  }

  get masterPort(): number {
    return this.#master.port
  }

  /** For a moment the replica gets nothing, as when a network fails before the server does. */
  async kill(): Promise<void> {
    const { process } = this.#replica
    process.signal('SIGSTOP')
    await askRedis(this.#master.port, 'CLIENT KILL TYPE replica')
    await setTimeout(replicaLagMs)
    await this.#master.process.kill()
    process.signal('SIGCONT')
  }

  async start(): Promise<void> {
    await until('the replica is made master', () => isMaster(this.#replica.port))
    const [master, replica] = [this.#replica, this.#master]
    this.#master = master
    this.#replica = replica
  }

  pause(): void {
    this.#master.process.signal('SIGSTOP')
  }

  resume(): Promise<void> {
    return this.start()
  }

  async heal(): Promise<void> {
    const { process, port } = this.#replica
    if (process.record === undefined) {
      await process.start()
      // It began as what its command line says, and knows nothing of what has happened.
      await redisAnswers(port, [`REPLICAOF 127.0.0.1 ${this.#master.port}`])
    } else {
      // Until the sentinels demote it, it takes itself for the master.
      process.signal('SIGCONT')
    }
    await until('the old master is a replica that has everything', () => isLinked(port))
    const ports = sentinelPorts(this.#group)
    for (const sentinel of ports) {
      await until('all sentinels know of it', () => knowsReplica(sentinel, this.#group.masterName))
    }
  }

  limitMemory(): Promise<void> {
    return Promise.reject(new Error('Memory is limited on a server of its own'))
  }
}

async function until(what: string, check: () => Promise<boolean>): Promise<void> {
  if (await waitUntil(check, { timeoutMs: 60_000, intervalMs: 10 })) return
  throw new Error(`Waited for 60 s until ${what}`)
}

// A server whose role changes ends its connections: that it says nothing is no error here.
async function isMaster(port: number): Promise<boolean> {
  return (await askRedis(port, 'ROLE')).includes('$6\r\nmaster')
}

async function isLinked(port: number): Promise<boolean> {
  const answer = await askRedis(port, 'INFO replication')
  return answer.includes('role:slave') && answer.includes('master_link_status:up')
}

/** Its flags are no more than that: not out of reach, not suspected to be down. */
async function knowsReplica(sentinel: number, masterName: string): Promise<boolean> {
  const replicas = await askRedis(sentinel, `SENTINEL REPLICAS ${masterName}`)
  const quorum = await askRedis(sentinel, `SENTINEL CKQUORUM ${masterName}`)
  return /\$5\r\nflags\r\n\$5\r\nslave\r\n/.test(replicas) && quorum.startsWith('+OK 3 usable')
}

function sentinelPorts({ url }: RedisSentinelGroup): readonly number[] {
  return url.split(';').map((one) => Number(new URL(one).port))
}
