import { expect, test } from 'vitest'
import { Connection } from '../connection.ts'
import { memory } from '../memory/memory.ts'
import { Qos } from './qos.ts'

function recorded(initial: number, limits?: { readonly maxPrefetch: number }) {
  const applied: number[] = []
  const qos = new Qos(({ prefetchCount }) => void applied.push(prefetchCount), initial, limits)
  return { qos, applied }
}

test('Qos counts at once and applies later, only what is new', async () => {
  const { qos, applied } = recorded(10)
  expect(qos.applied).toBeUndefined()
  expect([qos.incrementEventually(), qos.incrementEventually(4)]).toEqual([11, 15])
  expect([qos.decrementEventually(), qos.decrementEventually(3)]).toEqual([14, 11])
  expect(applied).toEqual([])
  expect(await qos.update()).toBe(11)
  expect(await qos.update()).toBe(11)
  expect(await qos.set(5)).toBe(5)
  expect(applied).toEqual([11, 5])
  expect([qos.value, qos.applied]).toEqual([11, 5])
})

test('Qos stays within its bounds', async () => {
  const { qos, applied } = recorded(10, { maxPrefetch: 12 })
  expect(qos.incrementEventually(5)).toBe(12)
  expect(qos.incrementEventually(-5)).toBe(12)
  expect(qos.decrementEventually(100)).toBe(1)
  await qos.set(65_535)
  await qos.set(65_536)
  expect(applied).toEqual([65_535, 0])
})

test('Qos without a limit stays without', () => {
  const { qos } = recorded(0)
  expect([qos.incrementEventually(5), qos.decrementEventually()]).toEqual([0, 0])
})

test('a count that could not be applied is applied again', async () => {
  let isFailing = true
  const qos = new Qos(() => {
    if (isFailing) throw new Error('not now')
  }, 3)
  await expect(qos.update()).rejects.toThrow('not now')
  isFailing = false
  expect([await qos.update(), qos.applied]).toEqual([3, 3])
})

test('Qos sets the prefetch of a channel', async () => {
  await using connection = new Connection(memory())
  const { defaultChannel } = connection
  const qos = new Qos((options) => defaultChannel.qos(options), 7)
  await qos.update()
  expect(defaultChannel.prefetchCount).toBe(7)
})
