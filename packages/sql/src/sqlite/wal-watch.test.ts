import { once } from 'node:events'
import { watch as fileWatch } from 'node:fs'
import { appendFile, writeFile } from 'node:fs/promises'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { temporaryDatabase } from '../testing/temporary-database.ts'
import { WalWatch } from './wal-watch.ts'

/** A watch on a log whose version the test decides. */
function watched(path: string, pollIntervalMs = 60_000) {
  const state = { version: 1, changes: 0, reasons: [] as string[] }
  const watch = new WalWatch({
    path,
    pollIntervalMs,
    dataVersion: () => state.version,
    onChange: () => {
      state.changes += 1
    },
    onUnannounced: (reason) => void state.reasons.push(reason),
  })
  return { state, watch }
}

test('a write to the log leads to a look, and a new version to a call', async () => {
  await using file = await temporaryDatabase()
  await writeFile(`${file.path}-wal`, '')
  const { state, watch } = watched(file.path)
  watch.start()
  state.version = 2
  await appendFile(`${file.path}-wal`, 'frame')
  await expect.poll(() => state.changes).toBe(1)
  watch.close()
  expect(state.reasons).toEqual([])
})

test('a commit that counts only some time after the log grew is found', async () => {
  await using file = await temporaryDatabase()
  await writeFile(`${file.path}-wal`, '')
  const { state, watch } = watched(file.path)
  watch.start()
  state.version = 2
  await appendFile(`${file.path}-wal`, 'first')
  await expect.poll(() => state.changes, { interval: 1 }).toBe(1)
  state.version = 3
  await expect.poll(() => state.changes, { interval: 1 }).toBe(2)
  watch.close()
})

test('a commit of which the log was announced before the start is found', async () => {
  await using file = await temporaryDatabase()
  await writeFile(`${file.path}-wal`, '')
  const { state, watch } = watched(file.path)
  const own = fileWatch(`${file.path}-wal`)
  const announced = once(own, 'change')
  await appendFile(`${file.path}-wal`, 'frame')
  await announced
  await nextTurn()
  watch.start()
  state.version = 2
  await expect.poll(() => state.changes).toBe(1)
  own.close()
  watch.close()
})

test('where nothing is announced it says so once and polls', async () => {
  await using file = await temporaryDatabase()
  const { state, watch } = watched(`${file.path}-nowhere`)
  expect(state.reasons).toEqual([expect.stringContaining('ENOENT')])
  watch.start()
  state.version = 2
  await expect.poll(() => state.changes).toBe(1)
  watch.close()
})

test('a stopped watch calls nobody', async () => {
  await using file = await temporaryDatabase()
  await writeFile(`${file.path}-wal`, '')
  const { state, watch } = watched(file.path, 5)
  watch.start()
  watch.stop()
  state.version = 2
  await appendFile(`${file.path}-wal`, 'frame')
  const other = watched(file.path, 5)
  other.watch.start()
  other.state.version = 2
  await expect.poll(() => other.state.changes).toBe(1)
  expect(state.changes).toBe(0)
  watch.close()
  other.watch.close()
})
