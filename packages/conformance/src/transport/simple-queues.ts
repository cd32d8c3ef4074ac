/** Queues as simple as in memory, over any broker: Kombu's SimpleQueue and SimpleBuffer. */
import { setTimeout as sleep } from 'node:timers/promises'
import { type Connection, EmptyError, type SimpleQueue } from '@dashi/messaging'
import { type Case, type CaseGroup, full, type Subject } from '../case.ts'
import type { Stage } from '../stage/stage.ts'

type Kind = 'simpleQueue' | 'simpleBuffer'

export const simpleQueueCases: CaseGroup = {
  name: 'simple queues',
  cases: (subject) => [...casesOf('simpleQueue', subject), ...casesOf('simpleBuffer', subject)],
}

function casesOf(kind: Kind, { capabilities }: Subject): readonly Case[] {
  return [
    full(`${kind}: what is put is got, as it was`, async (stage) => {
      await using queue = open(stage, { kind, connection: stage.connect() })
      await queue.put({ hello: 'world' }, { headers: { k1: 'v1' } })
      const message = await queue.get({ timeoutMs: 5_000 })
      stage.expect(message.payload).toEqual({ hello: 'world' })
      stage.expect(message).toMatchObject({
        contentType: 'application/json',
        contentEncoding: 'utf-8',
        headers: { k1: 'v1' },
      })
      message.ack()
      await message.settled()
      stage.expect(await queue.qsize()).toBe(0)
    }),

    full(`${kind}: a get that waits is woken, one that must not wait is told`, async (stage) => {
      const connection = stage.connect()
      await using queue = open(stage, { kind, connection })
      await stage.refused(queue.getNowait(), { name: EmptyError.name })
      await stage.refused(queue.get({ timeoutMs: 50 }), { name: EmptyError.name })
      const waiting = queue.get({ timeoutMs: 5_000 })
      await queue.put(1)
      stage.expect((await waiting).payload).toBe(1)
    }),

    full(`${kind}: counts and clears what waits, in order`, async (stage) => {
      await using queue = open(stage, { kind, connection: stage.connect() })
      for (const body of [1, 2, 3]) await queue.put(body)
      stage.expect(await queue.qsize()).toBe(3)
      const first = await queue.get({ timeoutMs: 5_000 })
      stage.expect(first.payload).toBe(1)
      first.ack()
      await first.settled()
      stage.expect(await queue.clear()).toBe(2)
      stage.expect(await queue.qsize()).toBe(0)
    }),

    ...(capabilities.messageTtl ? [expires(kind)] : []),
    ...(capabilities.priorities === false ? [] : [prioritised(kind, capabilities.priorities)]),
  ]
}

function expires(kind: Kind): Case {
  return full(`${kind}: what expired is not got`, async (stage) => {
    await using queue = open(stage, { kind, connection: stage.connect() })
    await queue.put('short', { expirationMs: 30 })
    await sleep(80)
    await stage.refused(queue.get({ timeoutMs: 50 }), { name: EmptyError.name })
  })
}

function prioritised(kind: Kind, direction: 'high-first' | 'low-first'): Case {
  const [high, low] = direction === 'high-first' ? [9, 0] : [0, 9]
  return full(`${kind}: priorities come in their order`, async (stage) => {
    await using queue = open(stage, { kind, connection: stage.connect() })
    await queue.put('first', { priority: low })
    await queue.put('second', { priority: high })
    await queue.put('third', { priority: low })
    const bodies: unknown[] = []
    for (let count = 0; count < 3; count += 1) {
      const message = await queue.get({ timeoutMs: 5_000 })
      bodies.push(message.payload)
      message.ack()
    }
    stage.expect(bodies).toEqual(['second', 'first', 'third'])
  })
}

function open(
  stage: Stage,
  { kind, connection }: { readonly kind: Kind; readonly connection: Connection },
): SimpleQueue {
  const { name } = stage.exchange('direct')
  const queueOptions = { maxPriority: 9 }
  return connection[kind](stage.forgetQueueAtEnd(name), { queueOptions })
}
