import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Ledger } from './ledger.ts'
import type { Outcome } from './outcome.ts'

const fetched: Outcome = { kind: 'fetched', bytes: 10, worker: 'one' }

test('Ledger.discover() says once that an address is new', () => {
  const ledger = new Ledger()
  expect([ledger.discover('a'), ledger.discover('a'), ledger.discover('b')]).toEqual([
    true,
    false,
    true,
  ])
  expect(ledger.discovered).toBe(2)
  expect(ledger.open).toBe(2)
})

test('Ledger.summary() puts every address in one class', () => {
  const ledger = new Ledger()
  const outcomes: Readonly<Record<string, Outcome>> = {
    page: fetched,
    gone: { kind: 'not-found', status: 404 },
    other: { kind: 'external' },
    big: { kind: 'too-large', limitBytes: 5 },
    image: { kind: 'not-html', contentType: 'image/png' },
    rest: { kind: 'not-visited', reason: 'enough' },
    broken: { kind: 'failed', reason: 'no answer' },
  }
  for (const [url, outcome] of Object.entries(outcomes)) {
    ledger.discover(url)
    ledger.record(url, outcome)
  }
  ledger.discover('lost')
  expect(ledger.summary()).toEqual({
    discovered: 8,
    accounted: 7,
    counts: {
      'fetched-once': 1,
      'fetched-repeatedly': 0,
      'not-found': 1,
      external: 1,
      'too-large': 1,
      'not-html': 1,
      'not-visited': 1,
      failed: 1,
    },
    bytes: 10,
    pagesByWorker: { one: 1 },
    repeated: [],
    failed: [{ url: 'broken', outcome: outcomes['broken'], times: 0 }],
    open: ['lost'],
  })
})

test('Ledger.record() counts a second result as a repetition and keeps the first', () => {
  const ledger = new Ledger()
  ledger.discover('a')
  ledger.record('a', fetched)
  ledger.record('a', { ...fetched, worker: 'two' })
  expect(ledger.summary()).toMatchObject({
    counts: { 'fetched-once': 0, 'fetched-repeatedly': 1 },
    pagesByWorker: { one: 1 },
    repeated: [{ url: 'a', outcome: fetched, times: 2 }],
  })
})

test('Ledger.record() lets a failure give way, and nothing else', () => {
  const ledger = new Ledger()
  ledger.discover('a')
  ledger.record('a', { kind: 'failed', reason: 'killed' })
  ledger.record('a', { kind: 'not-found', status: 404 })
  ledger.record('a', { kind: 'failed', reason: 'late' })
  expect(ledger.open).toBe(0)
  expect(ledger.summary().counts).toMatchObject({ 'not-found': 1, failed: 0 })
})

test('Ledger.recordRequests() counts what only the site saw, for what was fetched', () => {
  const ledger = new Ledger()
  for (const url of ['page', 'gone']) ledger.discover(url)
  ledger.record('page', fetched)
  ledger.record('gone', { kind: 'not-found', status: 404 })
  ledger.recordRequests('page', 3)
  ledger.recordRequests('gone', 2)
  expect(ledger.summary().repeated).toEqual([{ url: 'page', outcome: fetched, times: 3 }])
})

test('Ledger refuses results for an address that was never discovered', () => {
  expect(() => new Ledger().record('a', fetched)).toThrow('never discovered')
})

test('Ledger accounts add up whatever comes in', () => {
  const url = fc.constantFrom('a', 'b', 'c', 'd')
  const outcome = fc.constantFrom<Outcome>(
    fetched,
    { kind: 'external' },
    { kind: 'failed', reason: 'x' },
  )
  fc.assert(
    fc.property(fc.array(fc.tuple(url, fc.option(outcome))), (events) => {
      const ledger = new Ledger()
      for (const [address, result] of events) {
        ledger.discover(address)
        if (result !== null) ledger.record(address, result)
      }
      const { counts, accounted, discovered, open } = ledger.summary()
      expect(Object.values(counts).reduce((sum, count) => sum + count, 0)).toBe(accounted)
      expect(accounted + open.length).toBe(discovered)
      expect(open.length).toBe(ledger.open)
    }),
  )
})
