import { expect, test } from 'vitest'
import { cellName, matrix } from './matrix.ts'

test('matrix() has each combination with Kombu on an end once', () => {
  const names = matrix().map(cellName)
  expect(names).toHaveLength((3 * 3 - 1) * 2 * 4 * 4)
  expect(new Set(names).size).toBe(names.length)
  expect(names.filter((name) => name.startsWith('dashi > dashi'))).toEqual([])
  expect(names).toContain('dashi > kombu52 redis topic zlib')
  expect(names).toContain('kombu56 > kombu56 sqlite default bytes')
})

test('matrix() gives a reason for what Kombu itself cannot do: publish a fanout over SQL', () => {
  const impossible = matrix().filter((cell) => cell.impossible !== undefined)
  expect(impossible).toHaveLength(2 * 3 * 4)
  expect(impossible.filter(({ publisher }) => publisher === 'dashi')).toEqual([])
  expect(new Set(impossible.map(({ broker, exchange }) => `${broker} ${exchange}`))).toEqual(
    new Set(['sqlite fanout']),
  )
})
