import { mkdtempSync, readdirSync, readFileSync, rmSync, watch, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { type BindingRow, changeRows, readRows } from './exchange-file.ts'
import { ExchangeTables } from './exchange-tables.ts'
import { withLock } from './lock-file.ts'

const folder = mkdtempSync(join(tmpdir(), 'dashi-exchange-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

let count = 0
function newPath(): string {
  count += 1
  return join(folder, `e${count}.exchange`)
}
const noSync = { fsync: false }
const textOf = (path: string) => readFileSync(path, 'utf8')

function binding(exchange: string, exchangeType: string, routingKey: string, queue: string) {
  return { exchange, exchangeType, routingKey, queue, arguments: {} }
}

test('rows are Kombu’s, the newest first; a second bind changes nothing', async () => {
  const tables = new ExchangeTables(folder, noSync)
  await tables.bind(binding('t', 'topic', 'a.*', 'fq'))
  await tables.bind(binding('t', 'topic', 'b', 'x'))
  await tables.bind(binding('t', 'topic', 'a.*', 'fq'))
  const wanted = String.raw`[["b","^b$","x"],["a.*","^a\\..*?[^\\.]$","fq"]]`
  expect(textOf(join(folder, 't.exchange'))).toBe(wanted)
  expect(await tables.exchangeType('t')).toBe('topic')
  expect(await tables.knowsQueue('fq')).toBe(true)
  await tables.unbind(binding('t', 'topic', 'a.*', 'fq'))
  expect((await tables.lookup('t')).map(({ queue }) => queue)).toEqual(['x'])
  await tables.removeQueue('x', ['t', 'unknown'])
  expect(readdirSync(folder)).not.toContain('t.exchange')
})

test('many that bind at the same time all get in', async () => {
  const tables = Array.from({ length: 8 }, () => new ExchangeTables(folder, noSync))
  const all = tables.flatMap((table, n) =>
    [1, 2, 3].map((k) => table.bind(binding('many', 'direct', 'k', `q${n}.${k}`))),
  )
  await Promise.all(all)
  expect(await readRows(join(folder, 'many.exchange'))).toHaveLength(24)
  expect(readdirSync(folder).filter((name) => name.includes('many'))).toEqual(['many.exchange'])
})

test('what one session binds many times at once takes the lock once', async () => {
  const place = mkdtempSync(join(folder, 'herd-'))
  const changed: (string | null)[] = []
  const seen = Promise.withResolvers<void>()
  const watcher = watch(place, (_event, name) => {
    changed.push(name)
    if (name === 'last') seen.resolve()
  })
  const tables = new ExchangeTables(place, noSync)
  const same = binding('herd', 'direct', 'k', 'q')
  await Promise.all(Array.from({ length: 50 }, () => tables.bind(same)))
  writeFileSync(join(place, 'last'), '')
  await seen.promise
  watcher.close()
  // It comes, is written to, and goes.
  const locks = changed.filter((name) => name === 'herd.exchange.dashi-lock')
  expect(locks.length).toBeLessThanOrEqual(3)
  expect(await readRows(join(place, 'herd.exchange'))).toHaveLength(1)
})

test('a change that fails leaves the next ones to be made', async () => {
  const tables = new ExchangeTables(folder, noSync)
  writeFileSync(join(folder, 'torn.exchange'), '{}')
  const failing = [1, 2].map((n) => tables.bind(binding('torn', 'direct', 'k', `q${n}`)))
  const outcomes = await Promise.allSettled(failing)
  expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  writeFileSync(join(folder, 'torn.exchange'), '[]')
  await tables.bind(binding('torn', 'direct', 'k', 'q3'))
  expect(await readRows(join(folder, 'torn.exchange'))).toEqual([['k', '', 'q3']])
})

test('what Kombu writes into the file while it is being replaced is kept', async () => {
  const path = newPath()
  writeFileSync(path, '[["k", "", "old"]]')
  const row: BindingRow = ['k', '', 'ours']
  let isFirst = true
  await changeRows(
    path,
    (rows) => {
      // In place, after we have read.
      if (isFirst) writeFileSync(path, '[["k", "", "theirs"], ["k", "", "old"]]')
      isFirst = false
      return [row, ...rows.filter(([, , queue]) => queue !== 'ours')]
    },
    noSync,
  )
  const queues = (await readRows(path)).map(([, , queue]) => queue)
  expect(queues.toSorted()).toEqual(['old', 'ours', 'theirs'])
})

test('a file that is being written is waited for; one that is something else is named', async () => {
  const path = newPath()
  writeFileSync(path, '')
  const reading = readRows(path)
  setImmediate(() => writeFileSync(path, '[["k", "", "q"]]'))
  expect(await reading).toEqual([['k', '', 'q']])
  writeFileSync(path, '{"not": "a table"}')
  await expect(readRows(path)).rejects.toMatchObject({
    code: 'PRECONDITION_FAILED',
    message: expect.stringContaining(path),
  })
})

test('a lock is held by one at a time, and given up when the work fails', async () => {
  const path = newPath()
  let inside = 0
  const work = async () => {
    inside += 1
    expect(inside).toBe(1)
    await new Promise((resolve) => setImmediate(resolve))
    inside -= 1
  }
  await Promise.all([1, 2, 3, 4].map(() => withLock(path, work)))
  await expect(withLock(path, () => Promise.reject(new Error('no')))).rejects.toThrow('no')
  await withLock(path, work)
})

test('the lock of somebody who was killed is broken', async () => {
  const path = newPath()
  writeFileSync(path, 'a token that nobody holds')
  const startMs = performance.now()
  await withLock(path, async () => undefined)
  expect(performance.now() - startMs).toBeGreaterThan(4_900)
}, 9_000)
