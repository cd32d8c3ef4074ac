import { expect, test } from 'vitest'
import { ConnectionError } from '../errors.ts'
import { DeliveryLoop, type DeliverySource } from './delivery-loop.ts'
import type { Lease, StoreSession, TakeRequest } from './queue-store.ts'

type Taking = {
  readonly request: TakeRequest
  answer(leases: readonly Lease[]): void
  fail(error: Error): void
}

/** A store whose answers the test gives, one by one. */
class SlowSession implements Pick<StoreSession, 'take' | 'wait'> {
  readonly waits: { readonly queues: readonly string[]; readonly signal: AbortSignal }[] = []
  readonly #takings: Taking[] = []
  #arrived = Promise.withResolvers<void>()

  take(request: TakeRequest): Promise<readonly Lease[]> {
    const { promise, resolve, reject } = Promise.withResolvers<readonly Lease[]>()
    this.#takings.push({ request, answer: resolve, fail: reject })
    this.#arrived.resolve()
    return promise
  }

  async wait(queues: readonly string[], signal: AbortSignal): Promise<void> {
    this.waits.push({ queues, signal })
    this.#arrived.resolve()
    await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }))
  }

  async nextTake(): Promise<Taking> {
    for (;;) {
      const taking = this.#takings.shift()
      if (taking) return taking
      await this.#next()
    }
  }

  async nextWait(): Promise<readonly string[]> {
    for (;;) {
      const waiting = this.waits.shift()
      if (waiting) return waiting.queues
      await this.#next()
    }
  }

  async #next(): Promise<void> {
    this.#arrived = Promise.withResolvers()
    await this.#arrived.promise
  }
}

function harness(queues: string[]) {
  const session = new SlowSession()
  const state = { credit: 10, broadcasts: 0 }
  const delivered: Lease[] = []
  const givenBack: Lease[] = []
  const refusals: unknown[] = []
  const ended = Promise.withResolvers<Error>()
  const source: DeliverySource = {
    credit: () => state.credit,
    queues: () => ({ leased: [...queues], removed: [] }),
    deliverBroadcasts: () => {
      const count = state.broadcasts
      state.broadcasts = 0
      return count
    },
    deliver: (leases) => delivered.push(...leases),
    giveBack: (leases) => givenBack.push(...leases),
  }
  const reports = { onEnd: ended.resolve, onRefusal: (error: unknown) => refusals.push(error) }
  const loop = new DeliveryLoop(session as unknown as StoreSession, source, reports) // only take() and wait() are used
  return { session, state, delivered, givenBack, refusals, ended: ended.promise, loop }
}

const lease: Lease = { queue: 'a', payload: '{}', token: '1' }

test('takes with all the credit there is, and waits when there is nothing', async () => {
  const { session, delivered, loop } = harness(['a'])
  loop.start()
  const first = await session.nextTake()
  expect(first.request).toEqual({ queues: ['a'], limit: 10, noAck: false })
  first.answer([lease])
  const second = await session.nextTake()
  expect(delivered).toEqual([lease])
  second.answer([])
  expect(await session.nextWait()).toEqual(['a'])
  await loop.stop()
})

test('a queue that is added while a take is under way is taken from before waiting', async () => {
  const queues = ['a']
  const { session, loop } = harness(queues)
  loop.start()
  const taking = await session.nextTake()
  queues.push('b')
  loop.wake()
  taking.answer([])
  const next = await session.nextTake()
  expect(next.request.queues).toEqual(['a', 'b'])
  expect(session.waits).toEqual([])
  next.answer([])
  await session.nextWait()
  await loop.stop()
})

test('without credit nothing is taken until there is some again', async () => {
  const { session, state, loop } = harness(['a'])
  state.credit = 0
  loop.start()
  state.credit = 3
  loop.replenish()
  const taking = await session.nextTake()
  expect(taking.request.limit).toBe(3)
  taking.answer([])
  await session.nextWait()
  await loop.stop()
})

test('replenishing does not disturb a wait at the store, which had credit all along', async () => {
  const { session, loop } = harness(['a'])
  loop.start()
  const taking = await session.nextTake()
  taking.answer([])
  await session.nextWait()
  loop.replenish()
  await Promise.resolve()
  expect(session.waits).toEqual([])
  await loop.stop()
})

test('what arrives while the loop stops is given back', async () => {
  const { session, delivered, givenBack, loop } = harness(['a'])
  loop.start()
  const taking = await session.nextTake()
  const stopped = loop.stop()
  taking.answer([lease])
  await stopped
  expect(delivered).toEqual([])
  expect(givenBack).toEqual([lease])
})

test('a broker that refuses is asked again', async () => {
  const { session, refusals, loop } = harness(['a'])
  loop.start()
  const taking = await session.nextTake()
  taking.fail(new Error('out of memory'))
  const again = await session.nextTake()
  expect(refusals).toEqual([new Error('out of memory')])
  again.answer([])
  await loop.stop()
})

test('stopping does not wait for the pause after a refusal', async () => {
  const { session, loop } = harness(['a'])
  loop.start()
  for (let count = 0; count < 3; count += 1) {
    const taking = await session.nextTake()
    taking.fail(new Error('out of memory'))
  }
  const began = performance.now()
  await loop.stop()
  expect(performance.now() - began).toBeLessThan(200)
})

test('a lost connection ends the loop', async () => {
  const { session, ended, loop } = harness(['a'])
  loop.start()
  const taking = await session.nextTake()
  const lost = new ConnectionError('CONNECTION_LOST', 'gone')
  taking.fail(lost)
  expect(await ended).toBe(lost)
  await loop.stop()
})
