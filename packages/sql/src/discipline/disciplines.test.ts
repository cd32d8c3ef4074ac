import { setImmediate as nextTurn } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { temporaryDatabase } from '../testing/temporary-database.ts'
import { FifoQueue } from './fifo-queue.ts'
import { LifoQueue } from './lifo-queue.ts'
import { PriorityQueue } from './priority-queue.ts'
import { SqliteFile } from './sqlite-file.ts'

async function drain<Item>(queue: { pop(): Promise<Item | undefined> }): Promise<Item[]> {
  const items: Item[] = []
  for (let item = await queue.pop(); item !== undefined; item = await queue.pop()) items.push(item)
  return items
}

test('first in, first out; priorities do not matter', async () => {
  await using file = await temporaryDatabase()
  await using queue = new FifoQueue<{ n: number }>(file.path, 'requests')
  for (const n of [1, 2, 3]) await queue.push({ n }, { priority: n })
  expect(await drain(queue)).toEqual([{ n: 1 }, { n: 2 }, { n: 3 }])
})

test('last in, first out', async () => {
  await using file = await temporaryDatabase()
  await using queue = new LifoQueue<number>(file.path, 'requests')
  for (const n of [1, 2, 3]) await queue.push(n)
  expect(await drain(queue)).toEqual([3, 2, 1])
})

test('highest priority first, then the oldest', async () => {
  await using file = await temporaryDatabase()
  await using queue = new PriorityQueue<string>(file.path, 'requests')
  await queue.push('none')
  await queue.push('high', { priority: 10 })
  await queue.push('low', { priority: -5 })
  await queue.push('middle', { priority: 1.5 })
  await queue.push('none too')
  expect(await drain(queue)).toEqual(['high', 'middle', 'none', 'none too', 'low'])
})

describe.each([
  ['FifoQueue', FifoQueue],
  ['LifoQueue', LifoQueue],
  ['PriorityQueue', PriorityQueue],
] as const)('%s', (_, Queue) => {
  test('counts, clears, and keeps to its own name', async () => {
    await using file = await temporaryDatabase()
    await using shared = new SqliteFile(file.path)
    const [queue, other] = [new Queue<number>(shared, 'q'), new Queue<number>(shared, 'r')]
    await queue.push(1)
    await queue.push(2)
    await other.push(3)
    expect(await queue.size()).toBe(2)
    await queue.clear()
    expect(await queue.size()).toBe(0)
    expect(await queue.pop()).toBeUndefined()
    await queue.close()
    expect(await other.pop()).toBe(3)
  })

  test('pop() waits for an item of another process, or for its time', async () => {
    await using file = await temporaryDatabase()
    await using queue = new Queue<string>({ path: file.path, pollIntervalMs: 60_000 }, 'q')
    await using other = new Queue<string>(file.path, 'q')
    expect(await queue.pop({ timeoutMs: 30 })).toBeUndefined()
    const popped = queue.pop({ timeoutMs: 9_000 })
    await other.push('x')
    expect(await popped).toBe('x')
  })

  test('pop() rejects with the reason of its signal, and takes nothing', async () => {
    await using file = await temporaryDatabase()
    await using queue = new Queue<string>(file.path, 'q')
    const abort = new AbortController()
    const popped = queue.pop({ timeoutMs: 9_000, signal: abort.signal })
    const reason = new Error('enough')
    await nextTurn()
    abort.abort(reason)
    await expect(popped).rejects.toBe(reason)
    await queue.push('x')
    expect(await queue.size()).toBe(1)
  })
})

test('two takers never get the same item', async () => {
  await using file = await temporaryDatabase()
  await using one = new FifoQueue<number>(file.path, 'q')
  await using two = new FifoQueue<number>(file.path, 'q')
  const numbers = Array.from({ length: 300 }, (_, n) => n)
  await Promise.all(numbers.map((n) => one.push(n)))
  const taken = (await Promise.all([drain(one), drain(two), drain(one)])).flat()
  expect(taken.sort((a, b) => a - b)).toEqual(numbers)
})

test('items survive, and a codec may use bytes', async () => {
  await using file = await temporaryDatabase()
  const codec = {
    encode: (item: Uint8Array) => item,
    decode: (bytes: Uint8Array) => Uint8Array.from(bytes),
  }
  {
    await using queue = new FifoQueue<Uint8Array>(file.path, 'q', { codec })
    await queue.push(new Uint8Array([0xff, 0]))
  }
  await using queue = new FifoQueue<Uint8Array>(file.path, 'q', { codec })
  expect(await queue.pop()).toEqual(new Uint8Array([0xff, 0]))
  await queue.close()
  expect(await queue.size()).toBe(0)
})

test('what is no JSON is refused, and so is a missing folder', async () => {
  await using file = await temporaryDatabase()
  await using queue = new FifoQueue<unknown>(file.path, 'q')
  await expect(queue.push(undefined)).rejects.toThrow(/JSON value/)
  const nowhere = new FifoQueue<unknown>(`${file.path}/nowhere/x.db`, 'q')
  await expect(nowhere.push(1)).rejects.toMatchObject({ code: 'CONNECTION_REFUSED' })
  await nowhere.close()
})
