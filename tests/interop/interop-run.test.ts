import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { InteropRun, outcomeOf } from './interop-run.ts'
import { findPython, kombuReleases } from './python.ts'

const folder = await mkdtemp(join(tmpdir(), 'dashi-interop-'))
const redis = process.env['DASHI_TEST_REDIS_URL']
const sqlite = `sqla+sqlite:///${join(folder, 'broker.db')}`
const run = new InteropRun({ redis: redis ?? '', sqlite })

afterAll(async () => {
  await run[Symbol.asyncDispose]()
  await rm(folder, { recursive: true })
})

/** Why a trial cannot be carried out here, if it cannot. */
function missing(name: string): string | undefined {
  if (redis === undefined && name.includes('redis')) return 'DASHI_TEST_REDIS_URL is not set'
  const release = kombuReleases.find(
    (one) => name.includes(one) && findPython(one).path === undefined,
  )
  return release && findPython(release).reason
}

test.for(run.trials)('$name', { timeout: 60_000 }, async (trial, { skip }) => {
  const reason = missing(trial.name)
  if (reason !== undefined) skip(reason)
  expect(await outcomeOf(trial)).toBeUndefined()
})
