import { expect, test, vi } from 'vitest'
import { ConnectionError, OutcomeUnknownError, PublishError } from '../errors.ts'
import { PutBatch } from './put-batch.ts'

function batch(send: (items: readonly number[]) => Promise<readonly string[]>, timeoutMs = 1000) {
  let confirmedCount = 0
  const sent: number[][] = []
  const puts = new PutBatch<number, string>(
    (items) => {
      sent.push([...items])
      return send(items)
    },
    {
      publishTimeoutMs: timeoutMs,
      onConfirmed: (count) => {
        confirmedCount += count
      },
    },
  )
  return { puts, sent, confirmed: () => confirmedCount }
}

const answers = async (items: readonly number[]) => items.map((item) => `stored ${item}`)

test('one turn is one batch, each item gets its own answer', async () => {
  const { puts, sent, confirmed } = batch(answers)
  const results = await Promise.all([puts.add(1), puts.add(2), puts.add(3)])
  expect(results).toEqual(['stored 1', 'stored 2', 'stored 3'])
  expect(sent).toEqual([[1, 2, 3]])
  expect(confirmed()).toBe(3)
})

test('a refused batch is tried again one by one: only the bad message fails', async () => {
  const { puts, sent } = batch(async (items) => {
    if (items.includes(2)) throw new PublishError('REFUSED', 'no twos')
    return answers(items)
  })
  const results = await Promise.allSettled([puts.add(1), puts.add(2), puts.add(3)])
  expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
  expect(sent).toEqual([[1, 2, 3], [1], [2], [3]])
})

test.each([new OutcomeUnknownError('cut'), new ConnectionError('CONNECTION_LOST', 'cut')])(
  'nothing is tried again after $code: it could be there already',
  async (error) => {
    const { puts, sent } = batch(() => Promise.reject(error))
    const results = await Promise.allSettled([puts.add(1), puts.add(2)])
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    expect(sent).toHaveLength(1)
  },
)

test('a batch without an answer ends at its deadline, with an unknown outcome', async () => {
  vi.useFakeTimers()
  try {
    const { puts } = batch(() => Promise.withResolvers<readonly string[]>().promise, 1000)
    const late = expect(puts.add(1)).rejects.toThrow(OutcomeUnknownError)
    await vi.advanceTimersByTimeAsync(1500)
    await late
    expect(vi.getTimerCount(), 'the clock stops when nothing is under way').toBe(0)
  } finally {
    vi.useRealTimers()
  }
})

test('done() waits for what is under way', async () => {
  const answer = Promise.withResolvers<readonly string[]>()
  const { puts } = batch(() => answer.promise)
  const events: string[] = []
  const added = puts.add(1).then(() => events.push('answered'))
  const done = puts.done().then(() => events.push('done'))
  answer.resolve(['stored'])
  await Promise.all([added, done])
  expect(events).toEqual(['answered', 'done'])
})

test('a store that answers too little is found out', async () => {
  const { puts } = batch(async () => [])
  await expect(puts.add(1)).rejects.toThrow('0 answers for 1 messages')
})
