import { expect, test } from 'vitest'
import { ChannelError, ConnectionError } from '../errors.ts'
import { ChannelSettlements } from './channel-settlements.ts'
import type { Settlement } from './queue-store.ts'
import { Settler } from './settler.ts'

/** A store that answers when it is told to. */
function slowStore() {
  const answers: PromiseWithResolvers<readonly boolean[]>[] = []
  let asked = Promise.withResolvers<readonly Settlement[]>()
  const settle = (settlements: readonly Settlement[]) => {
    const answer = Promise.withResolvers<readonly boolean[]>()
    answers.push(answer)
    asked.resolve(settlements)
    asked = Promise.withResolvers()
    return answer.promise
  }
  const take = () => {
    const answer = answers.shift()
    if (answer === undefined) throw new Error('Nothing was asked')
    return answer
  }
  return {
    settle,
    /** Resolves with what the store is asked to settle next. */
    asked: () => asked.promise,
    answer: (...held: readonly boolean[]) => take().resolve(held),
    refuse: () => take().reject(new ChannelError('REFUSED', 'The disk is full')),
    fail: () => take().reject(new ConnectionError('CONNECTION_LOST', 'The connection was lost')),
  }
}

const done: Settlement = { outcome: 'done', token: 'one', queue: 'orders' }

test('counts what came too late, per question', async () => {
  const store = slowStore()
  const settlements = new ChannelSettlements(new Settler(store))

  settlements.add(done)
  settlements.add(done)
  settlements.add(done)
  const answer = settlements.settled()
  store.answer(false, true, false)

  await expect(answer).resolves.toBe(2)
  await expect(settlements.settled()).resolves.toBe(0)
})

test('those who ask at the same time are told the same', async () => {
  const store = slowStore()
  const settlements = new ChannelSettlements(new Settler(store))

  settlements.add(done)
  const answers = Promise.all([settlements.settled(), settlements.settled()])
  store.answer(false)

  await expect(answers).resolves.toEqual([1, 1])
})

test('an answer does not use up what was settled after the question', async () => {
  const store = slowStore()
  const settlements = new ChannelSettlements(new Settler(store))

  settlements.add(done)
  const first = settlements.settled()
  settlements.add(done)
  settlements.flush()
  store.answer(true)
  store.fail()

  await expect(first).resolves.toBe(0)
  await expect(settlements.settled()).rejects.toThrow('The connection was lost')
})

test('channels of one connection have answers of their own', async () => {
  const store = slowStore()
  const settler = new Settler(store)
  const [one, other] = [new ChannelSettlements(settler), new ChannelSettlements(settler)]

  one.add(done)
  other.add(done)
  const answers = Promise.all([one.settled(), other.settled()])
  store.answer(false, true)

  await expect(answers).resolves.toEqual([1, 0])
})

test('a failure is told once', async () => {
  const store = slowStore()
  const settlements = new ChannelSettlements(new Settler(store))

  settlements.add(done)
  settlements.add(done)
  const answer = settlements.settled()
  store.fail()

  await expect(answer).rejects.toThrow(ConnectionError)
  await expect(settlements.settled()).resolves.toBe(0)
})

test('what a living store refused is settled again, and its owner was told once', async () => {
  const store = slowStore()
  const refusals: unknown[] = []
  const settler = new Settler(store, {
    retryAfterMs: 1,
    onRefused: (error) => refusals.push(error),
  })
  const settlements = new ChannelSettlements(settler)

  settlements.add(done)
  const answer = settlements.settled()
  const again = store.asked()
  store.refuse()

  await expect(answer).rejects.toThrow('The disk is full')
  await expect(again).resolves.toEqual([done])
  store.answer(false)
  await expect(settlements.settled()).resolves.toBe(0)
  expect(refusals).toHaveLength(1)
})

test.each(['its connection was lost', 'its session has ended'])(
  'nothing is settled again when %s',
  async (reason) => {
    const store = slowStore()
    const settler = new Settler(store, { retryAfterMs: 1 })
    const settlements = new ChannelSettlements(settler)

    settlements.add(done)
    const answer = settlements.settled()
    if (reason === 'its session has ended') store.refuse()
    else store.fail()
    await expect(answer).rejects.toThrow()
    if (reason === 'its session has ended') settler.stop()

    const next = store.asked()
    setTimeout(() => settlements.add({ ...done, token: 'two' }), 20)
    await expect(next).resolves.toEqual([{ ...done, token: 'two' }])
  },
)
