import { type RedisServer, startRedis } from '../../../tools/brokers/redis.ts'
import type { FaultPlan } from '../fault-plan.ts'
import type { Durability } from '../fault-transports.ts'
import { redisAnswers } from './redis-answers.ts'
import { quarantinedAt, remainingIdsAt, remainsAt, versionAt } from './redis-contents.ts'
import type { BrokerControl, Subject } from './subject.ts'

/** A Redis of our own whose data outlives it as the plan says. */
export async function redisSubject(plan: FaultPlan): Promise<Subject> {
  const server = await startRedis({ args: durabilityArgs(plan.durability) })
  const { port, url } = server
  return {
    url,
    transportOptions: transportOptions(plan),
    // Publishers are always ours, and Kombu's options mean something else to them.
    ...(plan.transport === 'kombu-redis' ? { publisherOptions: {} } : {}),
    version: `Redis ${await versionAt(port)}`,
    broker: brokerControl(server),
    remains: () => remainsAt(port),
    remainingIds: () => remainingIdsAt(port),
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
