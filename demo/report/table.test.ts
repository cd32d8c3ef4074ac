import { expect, test } from 'vitest'
import { Ledger } from '../crawl/ledger.ts'
import { formatProgress, formatReport } from './table.ts'

test('formatReport() shows every class, every worker, and ends in the account', () => {
  const ledger = new Ledger()
  for (const url of ['http://s.test/', 'http://s.test/b', 'http://s.test/c', 'http://s.test/d']) {
    ledger.discover(url)
  }
  const fetched = { kind: 'fetched', bytes: 5, worker: 'worker-1' } as const
  ledger.record('http://s.test/', fetched)
  ledger.record('http://s.test/b', fetched)
  ledger.record('http://s.test/b', fetched)
  ledger.record('http://s.test/c', { kind: 'failed', reason: 'status 500' })
  const text = formatReport({
    url: 'http://s.test/',
    broker: 'redis://:**@localhost//',
    elapsedMs: 1234,
    summary: ledger.summary(),
    workers: [
      { name: 'worker-1', capabilities: ['fetch', 'parse'], handled: 12, end: 'finished' },
      { name: 'w2', capabilities: ['parse'], handled: 3, end: 'killed (SIGKILL)' },
    ],
  })
  expect(text).toBe(`http://s.test/ over redis://:**@localhost// in 1.2 s

addresses                 count
------------------------  -----
fetched once                  1
fetched more than once        1
not found                     0
on another site               0
too large                     0
not HTML                      0
not visited (page limit)      0
failed                        1

worker    can          handled  pages  end
--------  -----------  -------  -----  ----------------
worker-1  fetch parse       12      2  finished
w2        parse              3      0  killed (SIGKILL)

fetched more than once:
  http://s.test/b (2 times)

failed:
  http://s.test/c: status 500

lost:
  http://s.test/d

accounted 3 of 4`)
})

test('formatReport() cuts long lists and says how much is missing', () => {
  const ledger = new Ledger()
  for (let page = 0; page < 13; page += 1) ledger.discover(`http://s.test/${page}`)
  const summary = ledger.summary()
  const text = formatReport({ url: 'u', broker: 'b', elapsedMs: 0, summary, workers: [] })
  expect(text).toContain('\n  http://s.test/9\n  and 3 more\n')
  expect(text).not.toContain('http://s.test/10')
  expect(text).not.toContain('failed:')
})

test('formatProgress() is one line', () => {
  const progress = { discovered: 20, accounted: 5, workers: 3, elapsedMs: 2_500 }
  expect(formatProgress(progress)).toBe('2.5 s  5 of 20 addresses  3 workers')
})
