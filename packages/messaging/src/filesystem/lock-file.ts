/** A lock between processes: a file that only one can create. */
import { randomUUID } from 'node:crypto'
import { readFile, rename, rm, writeFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { TimeoutError } from '../errors.ts'
import { isMissing, systemCode } from './filesystem-error.ts'
import { removed } from './message-folder.ts'

/** A lock that has not changed hands for so long belongs to somebody who was killed. */
const staleMs = 5_000
const patienceMs = 15_000

/**
 * Does work while holding the lock.
 *
 * @throws {TimeoutError} others held it for 15 seconds.
 */
export async function withLock<T>(path: string, work: () => Promise<T>): Promise<T> {
  const token = randomUUID()
  await acquire(path, token)
  try {
    return await work()
  } finally {
    // Whoever found it stale may have it now.
    if ((await holderOf(path)) === token) await removed(path)
  }
}

async function acquire(path: string, token: string): Promise<void> {
  const startMs = performance.now()
  let seen = { token: '', sinceMs: startMs }
  while (!(await created(path, token))) {
    const nowMs = performance.now()
    const holder = await holderOf(path)
    if (holder !== seen.token) seen = { token: holder ?? '', sinceMs: nowMs }
    else if (nowMs - seen.sinceMs > staleMs) await breakLock(path)
    if (nowMs - startMs > patienceMs) throw tooLate(path)
    await sleep(2 + Math.random() * 10)
  }
}

async function created(path: string, token: string): Promise<boolean> {
  try {
    await writeFile(path, token, { flag: 'wx' })
    return true
  } catch (error) {
    if (systemCode(error) === 'EEXIST') return false
    throw error
  }
}

async function holderOf(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if (isMissing(error)) return undefined
    throw error
  }
}

/** Of several that find it stale, one moves it away. */
async function breakLock(path: string): Promise<void> {
  const aside = `${path}.${randomUUID()}`
  try {
    await rename(path, aside)
    await rm(aside, { force: true })
  } catch (error) {
    if (!isMissing(error)) throw error
  }
}

function tooLate(path: string): TimeoutError {
  return new TimeoutError(
    `The lock "${path}" was not to be had within ${patienceMs} ms: other processes change the same bindings all the time. Try again`,
  )
}
