import fc from 'fast-check'
import { expect, test } from 'vitest'
import { DecodeError } from '../errors.ts'
import { checkJsonDepth } from './json-depth.ts'

const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth)
const inObject = (json: string) => `{"a":${json}}`

test('accepts the bound and refuses one level more, which the error names', () => {
  expect(() => checkJsonDepth(nested(512), 512)).not.toThrow()
  expect(() => checkJsonDepth(nested(513), 512)).toThrow(DecodeError)
  expect(() => checkJsonDepth(nested(513), 512)).toThrow('512')
  expect(() => checkJsonDepth(inObject(inObject(inObject('1'))), 2)).toThrow(DecodeError)
})

test('brackets in strings do not count, escaped quotes do not end them', () => {
  const strings = JSON.stringify(Array.from({ length: 10 }, () => ['[[[[', ']', '"[{\\', '\\"{{{']))
  expect(() => checkJsonDepth(strings, 2)).not.toThrow()
  expect(() => checkJsonDepth(`["\\"]]]]]", ${nested(3)}]`, 3)).toThrow(DecodeError)
})

test('many brackets beside one another are not deep', () => {
  expect(() => checkJsonDepth(`[${'[],{},'.repeat(10_000)}0]`, 2)).not.toThrow()
})

test('says of every JSON text what its value says', () => {
  fc.assert(
    fc.property(fc.json({ maxDepth: 8 }), fc.integer({ min: 1, max: 8 }), (text, maxDepth) => {
      const check = () => checkJsonDepth(text, maxDepth)
      if (depthOf(JSON.parse(text)) > maxDepth) expect(check).toThrow(DecodeError)
      else expect(check).not.toThrow()
    }),
    { numRuns: 500 },
  )
})

function depthOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0
  return 1 + Math.max(0, ...Object.values(value).map(depthOf))
}
