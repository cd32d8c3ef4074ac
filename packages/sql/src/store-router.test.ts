import type { StoredBinding } from '@dashi/messaging/transport'
import { expect, test } from 'vitest'
import { openSession, type TestSession } from './testing/open-session.ts'
import { temporaryDatabase } from './testing/temporary-database.ts'

function binding(queue: string, routingKey: string, exchange = 'ex'): StoredBinding {
  return { exchange, exchangeType: 'topic', queue, routingKey, arguments: {} }
}

function routed(routingKey: string, exchangeType: 'direct' | 'topic' = 'topic', exchange = 'ex') {
  return { exchange, exchangeType, routingKey, payload: routingKey, priority: 0 }
}

async function counts(session: TestSession, ...queues: readonly string[]) {
  return await Promise.all(queues.map((queue) => session.inspectQueue(queue)))
}

test('bindings are seen by every session, however they were made', async () => {
  await using file = await temporaryDatabase()
  await using one = await openSession({ path: file.path })
  await using two = await openSession({ path: file.path })
  const headers = { ...binding('q', 'k'), arguments: { b: [1, null], a: 'x' } }
  await one.bindings.bind(headers)
  await one.bindings.bind({ ...headers, arguments: { a: 'x', b: [1, null] } })
  await one.bindings.bind(binding('q', 'k'))
  await one.bindings.bind(binding('r', 'k'))
  await one.bindings.bind(binding('q', 'k', 'other'))
  const found = await two.bindings.lookup('ex')
  expect(found).toHaveLength(3)
  expect(found).toEqual(expect.arrayContaining([headers, binding('q', 'k'), binding('r', 'k')]))

  await two.bindings.unbind(headers)
  expect(await one.bindings.lookup('ex')).toHaveLength(2)
  await two.bindings.removeQueue('q', ['ex'])
  expect(await one.bindings.lookup('ex')).toEqual([binding('r', 'k')])
  expect(await one.bindings.lookup('other')).toHaveLength(1)
  await two.deleteQueue('q')
  expect(await one.bindings.lookup('other')).toEqual([])
})

test("an exchange's type is known to every session until the exchange is removed", async () => {
  await using file = await temporaryDatabase()
  await using one = await openSession({ path: file.path })
  await using two = await openSession({ path: file.path })
  expect(await two.bindings.exchangeType('ex')).toBeUndefined()
  await one.bindings.declareExchange('ex', 'topic')
  await one.bindings.bind(binding('q', 'k'))
  expect(await two.bindings.exchangeType('ex')).toBe('topic')
  await two.bindings.removeExchange('ex')
  expect(await one.bindings.exchangeType('ex')).toBeUndefined()
  expect(await one.bindings.lookup('ex')).toEqual([])
})

test('route() reaches each matching queue once and answers how many', async () => {
  await using file = await temporaryDatabase()
  await using session = await openSession({ path: file.path })
  for (const [queue, key] of [
    ['a', 'x.*'],
    ['a', '#'],
    ['b', 'x.y'],
    ['c', 'z'],
  ] as const) {
    await session.bindings.bind(binding(queue, key))
  }
  const messages = [routed('x.y'), routed('none', 'direct'), routed('x.y', 'direct'), routed('q')]
  expect(await session.route(messages)).toEqual([2, 0, 1, 1])
  expect(await session.route([routed('x.y', 'direct', 'unknown')])).toEqual([0])
  expect(await counts(session, 'a', 'b', 'c')).toEqual([2, 2, undefined])
})

test('route() heeds bindings that other sessions made or removed just before', async () => {
  await using file = await temporaryDatabase()
  await using publisher = await openSession({ path: file.path })
  await using other = await openSession({ path: file.path })
  expect(await publisher.route([routed('k')])).toEqual([0])
  await other.bindings.bind(binding('a', 'k'))
  expect(await publisher.route([routed('k')])).toEqual([1])
  await other.bindings.bind(binding('b', 'k'))
  expect(await publisher.route([routed('k')])).toEqual([2])
  await other.bindings.unbind(binding('a', 'k'))
  expect(await publisher.route([routed('k')])).toEqual([1])
  await other.deleteQueue('b')
  expect(await publisher.route([routed('k')])).toEqual([0])
})

test('route() forgets old bindings of one exchange when it learns newer ones of another', async () => {
  await using file = await temporaryDatabase()
  await using publisher = await openSession({ path: file.path })
  await using other = await openSession({ path: file.path })
  expect(await publisher.route([routed('k', 'direct', 'e1')])).toEqual([0])
  await other.bindings.bind(binding('q', 'k', 'e1'))
  expect(await publisher.route([routed('k', 'direct', 'e2')])).toEqual([0])
  expect(await publisher.route([routed('k', 'direct', 'e1')])).toEqual([1])
})

test('routes under way at once, to several exchanges, while bindings change, lose nothing', async () => {
  await using file = await temporaryDatabase()
  await using publisher = await openSession({ path: file.path })
  await using other = await openSession({ path: file.path })
  const exchanges = ['e1', 'e2', 'e3']
  for (const exchange of exchanges) await other.bindings.bind(binding('q', 'k', exchange))
  let isOver = false
  const change = async () => {
    for (let round = 0; !isOver; round += 1) {
      await other.bindings.bind(binding('r', String(round)))
      await other.wait(['never'], AbortSignal.timeout(5))
    }
  }
  const publish = async (exchange: string) => {
    for (let index = 0; index < 100; index += 1) {
      expect(await publisher.route([routed('k', 'direct', exchange)])).toEqual([1])
    }
  }
  const changing = change()
  await Promise.all([...exchanges, ...exchanges].map(publish))
  isOver = true
  await changing
  expect(await publisher.inspectQueue('q')).toBe(600)
})
