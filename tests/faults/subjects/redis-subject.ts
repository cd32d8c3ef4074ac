import { type RedisServer, startRedis } from '../../../tools/brokers/redis.ts'
import type { Durability, FaultPlan } from '../fault-plan.ts'
import { redisAnswers } from './redis-answers.ts'
import {
  type BrokerControl,
  idsIn,
  type Quarantined,
  quarantinedIn,
  quarantineName,
  queueName,
  type Remains,
  type Subject,
} from './subject.ts'

/** Keys that may stay when all messages are gone: bindings, and the lock of Kombu's restore, which expires. */
const lastingKey = /^(_kombu\.binding\..*|unacked_mutex)$/

/** A Redis of our own whose data outlives it as the plan says. */
export async function redisSubject(plan: FaultPlan): Promise<Subject> {
  const server = await startRedis({ args: durabilityArgs(plan.durability) })
  const { port, url } = server
  return {
    url,
    transportOptions: transportOptions(plan),
    version: `Redis ${await versionAt(port)}`,
    broker: brokerControl(server),
    remains: () => remainsAt(port),
    remainingIds: async () => idsIn([await redisAnswers(port, contentCommands)]),
    quarantined: () => quarantinedAt(port),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  }
}

function brokerControl({ port, process }: RedisServer): BrokerControl {
  return {
    kill: () => process.kill(),
    start: () => process.start(),
    pause: () => process.signal('SIGSTOP'),
    resume: () => process.signal('SIGCONT'),
    limitMemory: async (isFull) => {
      // Redis needs more than that for itself.
      const answer = await redisAnswers(port, [`CONFIG SET maxmemory ${isFull ? '1mb' : '0'}`])
      if (!answer.startsWith('+OK')) throw new Error(`Redis answered to CONFIG SET: ${answer}`)
    },
  }
}

function durabilityArgs(durability: Durability): readonly string[] {
  return durability === 'off' ? [] : ['--appendonly', 'yes', '--appendfsync', durability]
}

function transportOptions({ transport, leaseMs }: FaultPlan): Readonly<Record<string, unknown>> {
  // Kombu's is in seconds; less than two would restore what a live consumer holds.
  return transport === 'kombu-redis' ? { visibility_timeout: 2 } : { leaseMs }
}

async function versionAt(port: number): Promise<string> {
  const answer = await redisAnswers(port, ['INFO server'])
  return /redis_version:(\S+)/.exec(answer)?.[1] ?? 'of unknown version'
}

const countCommands = [
  `LLEN ${queueName}`,
  'HLEN unacked',
  'ZCARD unacked_index',
  'ZCARD _dashi.holders',
  'KEYS *',
]

const contentCommands = [`LRANGE ${queueName} 0 -1`, 'HVALS unacked']

/** Envelopes have no line breaks of their own. */
async function quarantinedAt(port: number): Promise<readonly Quarantined[]> {
  const answer = await redisAnswers(port, [`LRANGE ${quarantineName} 0 -1`])
  return quarantinedIn(answer.split('\r\n').filter((line) => line.startsWith('{')))
}

/** Several commands in one request: their answers come one after the other. */
async function remainsAt(port: number): Promise<Remains> {
  const answer = await redisAnswers(port, countCommands)
  const [ready = 0, unacked = 0, index = 0, holders = 0] = [...answer.matchAll(/^:(\d+)\r$/gm)].map(
    ([, count]) => Number(count),
  )
  const keys = [...answer.matchAll(/^\$\d+\r\n(.*)\r$/gm)].map(([, key = '']) => key)
  const known = [queueName, quarantineName, 'unacked', 'unacked_index', '_dashi.holders']
  return {
    ready,
    leased: Math.max(unacked, index),
    holders,
    other: keys.filter((key) => !lastingKey.test(key) && !known.includes(key)),
  }
}
