/** What a Redis server holds, asked past our own code. */
import { redisAnswers } from './redis-answers.ts'
import {
  idsIn,
  type Quarantined,
  quarantinedIn,
  quarantineName,
  queueName,
  type Remains,
} from './subject.ts'

/** Keys that may stay when all messages are gone: bindings, and the lock of Kombu's restore, which expires. */
const lastingKey = /^(_kombu\.binding\..*|unacked_mutex)$/

/** The version of a Redis server. */
export async function versionAt(port: number): Promise<string> {
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

/** All ids of messages there, waiting or out. */
export async function remainingIdsAt(port: number): Promise<ReadonlySet<string>> {
  return idsIn([await redisAnswers(port, [`LRANGE ${queueName} 0 -1`, 'HVALS unacked'])])
}

/** What is in quarantine there. Envelopes have no line breaks of their own. */
export async function quarantinedAt(port: number): Promise<readonly Quarantined[]> {
  const answer = await redisAnswers(port, [`LRANGE ${quarantineName} 0 -1`])
  return quarantinedIn(answer.split('\r\n').filter((line) => line.startsWith('{')))
}

/** What is left there. Several commands in one request: their answers come one after the other. */
export async function remainsAt(port: number): Promise<Remains> {
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
