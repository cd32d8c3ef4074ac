import { expect, test } from 'vitest'
import { bodyKinds, compressionNames } from './matrix.ts'
import { acceptedContent, described, expectedArrival } from './published.ts'

test('described() replaces what JSON cannot hold, at any depth', () => {
  const value = { deep: [Uint8Array.of(0, 255), 2n ** 64n], plain: [1, 'a', null, true] }
  expect(described(value)).toEqual({
    deep: [{ base64: 'AP8=' }, { python: '18446744073709551616' }],
    plain: [1, 'a', null, true],
  })
})

test('what is expected can travel as JSON', () => {
  for (const body of bodyKinds) {
    const arrival = expectedArrival({ body, compression: 'zlib' }, 'mark')
    expect(JSON.parse(JSON.stringify(arrival))).toEqual(arrival)
  }
})

test('each compression has a header of its own', () => {
  const headers = compressionNames.map(
    (compression) => expectedArrival({ body: 'json', compression }, 'mark').compression,
  )
  expect(new Set(headers).size).toBe(compressionNames.length)
  expect(headers[0]).toBeUndefined()
})

test('what is published compressed is long enough to become shorter', () => {
  const { body } = expectedArrival({ body: 'json', compression: 'none' }, 'mark')
  expect(JSON.stringify(body).length).toBeGreaterThan(500)
})

test('every type is accepted once', () => {
  expect(acceptedContent.toSorted()).toEqual([
    'application/data',
    'application/json',
    'application/x-msgpack',
    'application/x-python-serialize',
    'application/x-yaml',
    'text/plain',
  ])
})
