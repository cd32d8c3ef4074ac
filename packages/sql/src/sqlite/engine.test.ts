import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { tableNames } from '../table-names.ts'
import { SqliteEngine } from './engine.ts'

function newEngine(): SqliteEngine {
  const folder = mkdtempSync(join(tmpdir(), 'dashi-engine-'))
  const engine = new SqliteEngine({
    ...{ path: join(folder, 'queues.sqlite'), names: tableNames('kombu_queue', 'kombu_message') },
    ...{ leaseMs: 15_000, lockTimeoutMs: 1_000, synchronous: 'full', hiddenRows: undefined },
  })
  onTestFinished(() => {
    engine.close()
    rmSync(folder, { recursive: true, force: true })
  })
  return engine
}

const take = { verb: 'take', request: { queues: ['orders'], limit: 10, noAck: false } } as const
const put = {
  verb: 'put',
  request: [{ queue: 'orders', payload: '{}', priority: 0 }],
} as const

test('a message that comes right after the look for one is taken in a transaction or not at all', () => {
  const engine = newEngine()
  // The moment in which another process commits a message.
  const look = engine.hasWaiting
  engine.hasWaiting = (queues) => {
    const isWaiting = look.call(engine, queues)
    engine.hasWaiting = look
    engine.execute([put])
    return isWaiting
  }

  expect(engine.execute([take])).toEqual([[]])
  expect(engine.execute([take])).toEqual([[expect.objectContaining({ payload: '{}' })]])
})
