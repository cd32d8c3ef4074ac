import fc from 'fast-check'
import { expect, test } from 'vitest'
import { withoutNonFinite } from './json-non-finite.ts'

test('there is nothing to do where the words are absent, or in strings', () => {
  for (const text of ['', '[1]', '"NaN"', '["\\"NaN", "-Infinity\\\\"]', '"NaN']) {
    expect(withoutNonFinite(text)).toBeUndefined()
  }
})

test('writes them as numbers that JSON has, and the reviver knows NaN again', () => {
  const strict = withoutNonFinite('{"NaN":[NaN,Infinity,-Infinity,"\\"NaN"]}')
  expect(strict).toBeDefined()
  expect(JSON.parse(strict?.text ?? '', strict?.reviver)).toEqual({
    NaN: [Number.NaN, Infinity, -Infinity, '"NaN'],
  })
})

test('numbers of any spelling are not taken for NaN', () => {
  const zero = fc.nat(6).map((zeros) => `-0e${'0'.repeat(zeros + 1)}`)
  fc.assert(
    fc.property(fc.array(zero), (zeros) => {
      const strict = withoutNonFinite(`[NaN,${[...zeros, 1].join(',')}]`)
      const value: unknown = JSON.parse(strict?.text ?? '', strict?.reviver)
      expect(value).toEqual([Number.NaN, ...zeros.map(() => -0), 1])
    }),
  )
})

test('takes time in proportion to the text', () => {
  const quotes = `[NaN,"${'\\"'.repeat(500_000)}"]`
  const zeros = `[NaN,${Array.from({ length: 1000 }, (_, n) => `-0e${'0'.repeat(n + 1)}`).join(',')}]`
  const start = performance.now()
  for (const text of [quotes, zeros, `"${'\\'.repeat(1_000_000)}`]) withoutNonFinite(text)
  expect(performance.now() - start).toBeLessThan(1000)
})
