import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { testResultStore } from '@dashi/conformance'
import { Connection, MemoryBroker, memory } from '@dashi/messaging'
import { afterAll, describe, expect, test } from 'vitest'
import { filesystemResults } from './filesystem-results.ts'
import { memoryResults, ResultMemory } from './memory-results.ts'
import { rpcResults } from './rpc-results.ts'

const runner = { describe, test, expect }
const folder = await mkdtemp(join(tmpdir(), 'dashi-results-'))
const shared = new ResultMemory()
const broker = new MemoryBroker()

afterAll(() => rm(folder, { recursive: true }))

testResultStore(runner, {
  name: 'memory',
  create: () => memoryResults({ memory: shared }),
  expiry: 'itself',
})

testResultStore(runner, {
  name: 'filesystem',
  create: () => filesystemResults(`file://${folder}`),
  expiry: 'cleanup',
  putForeign: (taskId) => writeFile(join(folder, `celery-task-meta-${taskId}`), '[1'),
})

testResultStore(runner, {
  name: 'rpc over memory',
  create: () => rpcResults(),
  connect: () => new Connection(memory({ broker })),
  readers: 'caller',
  groups: false,
  expiry: 'never',
})
