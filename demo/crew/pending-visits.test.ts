import { expect, test } from 'vitest'
import type { PageResult } from '../crawl/frontier.ts'
import { PendingVisits } from './pending-visits.ts'

function resultOf(url: string): PageResult {
  return { url, outcome: { kind: 'external' }, sameOrigin: [], external: [] }
}

test('PendingVisits gives each result to the one who waits for it', async () => {
  const visits = new PendingVisits()
  const waiting = [visits.wait('a', 10_000), visits.wait('b', 10_000)]
  visits.settle(resultOf('b'))
  visits.settle(resultOf('a'))
  expect((await Promise.all(waiting)).map(({ url }) => url)).toEqual(['a', 'b'])
  expect(visits.repeated).toEqual([])
})

test('PendingVisits keeps the results that come again', async () => {
  const visits = new PendingVisits()
  const waiting = visits.wait('a', 10_000)
  visits.settle(resultOf('a'))
  await waiting
  visits.settle(resultOf('a'))
  expect(visits.repeated).toEqual([resultOf('a')])
})

test('PendingVisits.wait() gives up in time', async () => {
  const visits = new PendingVisits()
  await expect(visits.wait('a', 1)).rejects.toThrow('no worker answered within 1 ms')
  visits.settle(resultOf('a'))
  expect(visits.repeated).toHaveLength(1)
})

test('PendingVisits.rejectAll() gives up everything, with the reason', async () => {
  const visits = new PendingVisits()
  const rejected = ['a', 'b'].map((url) =>
    expect(visits.wait(url, 10_000)).rejects.toThrow('enough'),
  )
  visits.rejectAll('enough')
  await Promise.all(rejected)
})
