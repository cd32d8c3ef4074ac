import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { peersFolder } from './places.ts'
import { isRunning, type ProcessRecord, processRecord } from './process.ts'
import { waitUntil } from './wait.ts'

/** Runs `work` while no other process of this repository holds the lock of that name. */
export async function withLock<Result>(name: string, work: () => Promise<Result>): Promise<Result> {
  mkdirSync(peersFolder, { recursive: true })
  const path = join(peersFolder, `${name}.lock`)
  const taken = await waitUntil(() => take(path), { timeoutMs: 600_000, intervalMs: 100 })
  if (!taken) throw new Error(`Waited 10 minutes for ${path}; its content says who holds it`)
  try {
    return await work()
  } finally {
    rmSync(path, { force: true })
  }
}

function take(path: string): boolean {
  try {
    writeFileSync(path, JSON.stringify(processRecord(process.pid)), { flag: 'wx' })
    return true
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
    if (isAbandoned(path)) rmSync(path, { force: true })
    return false
  }
}

function isAbandoned(path: string): boolean {
  try {
    const holder: ProcessRecord = JSON.parse(readFileSync(path, 'utf8'))
    return !isRunning(holder)
  } catch {
    // Removed or not yet written by its holder: look again later.
    return false
  }
}
