import { expect, test } from 'vitest'
import { ledgerLine, parseLedger } from './ledger-event.ts'

test('a line can be read again', () => {
  const text = ledgerLine('D', 12.3456, ['p1-7', 3, 1, 0]) + ledgerLine('G', 13, [])

  expect(parseLedger('c1', text)).toEqual([
    { actor: 'c1', code: 'D', atMs: 12.346, words: ['p1-7', '3', '1', '0'] },
    { actor: 'c1', code: 'G', atMs: 13, words: [] },
  ])
})

test('a line that was cut off with its process is no event', () => {
  expect(parseLedger('c1', `${ledgerLine('H', 1, ['p1-7', 3])}H 2 p1-`)).toHaveLength(1)
})

test.each(['Z 1 p1-7', 'D soon p1-7', ''])('refuses %j', (line) => {
  expect(() => parseLedger('c1', `${line}\n`)).toThrow('The ledger of c1')
})
