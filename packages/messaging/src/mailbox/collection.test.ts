import { expect, test } from 'vitest'
import { Collection } from './collection.ts'

test('Collection ends at its limit', async () => {
  const collection = new Collection({ timeoutMs: 60_000, limit: 2 })
  const waiting = collection.wait()
  collection.add({ a: 1 })
  collection.add({ b: 2 })
  expect(await waiting).toEqual([{ a: 1 }, { b: 2 }])
})

test('Collection ends at its deadline with what there is', async () => {
  const collection = new Collection({ timeoutMs: 5, limit: 2 })
  collection.add({ a: 1 })
  expect(await collection.wait()).toEqual([{ a: 1 }])
})

test('Collection passes on what the callback throws, and an abort', async () => {
  const failing = new Collection({
    timeoutMs: 60_000,
    callback: () => {
      throw new Error('no more')
    },
  })
  failing.add({ a: 1 })
  await expect(failing.wait()).rejects.toThrow('no more')

  const aborting = new AbortController()
  const waiting = new Collection({ timeoutMs: 60_000, signal: aborting.signal }).wait()
  aborting.abort(new Error('stop'))
  await expect(waiting).rejects.toThrow('stop')
})
