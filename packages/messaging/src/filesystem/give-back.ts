/**
 * Giving held messages back: a holder's folder is emptied into the data folder, and removed.
 *
 * At any step a message is either in the one folder or in the other. Only for the folder's one owner.
 */
import { randomUUID } from 'node:crypto'
import { readdir, readFile, rename, rm, rmdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { markRedelivered } from '../virtual/envelope-text.ts'
import { writeDurably } from './durable-write.ts'
import { byAge, queueOf } from './file-names.ts'
import { isMissing, systemCode } from './filesystem-error.ts'

/** The file in a holder's folder that says it is alive. */
export const heartbeatFile = 'heartbeat'

const mostRounds = 100

/** What to empty, and where to. */
export interface HeldFolder {
  readonly folder: string
  readonly dataFolder: string
  readonly fsync: boolean
}

/** Puts messages back under their own names, oldest first, marked as delivered before. @returns how many. */
export async function giveBack(held: HeldFolder): Promise<number> {
  let count = 0
  // A take that was under way may add a file after the folder was read.
  for (let round = 0; round < mostRounds && (await exists(held.folder)); round += 1) {
    count += await giveBackOnce(held)
    await rm(join(held.folder, heartbeatFile), { force: true })
    await removeIfEmpty(held.folder)
  }
  return count
}

async function giveBackOnce(held: HeldFolder): Promise<number> {
  const entries = await readdir(held.folder, { withFileTypes: true })
  entries.sort((a, b) => byAge(a.name, b.name))
  let count = 0
  for (const entry of entries) {
    const path = join(held.folder, entry.name)
    if (entry.isDirectory()) count += await giveBack({ ...held, folder: path })
    else if (queueOf(entry.name) !== undefined) count += await giveOneBack(held, entry.name)
    else if (entry.name !== heartbeatFile) await rm(path, { force: true })
  }
  return count
}

async function giveOneBack(held: HeldFolder, name: string): Promise<number> {
  const path = join(held.folder, name)
  try {
    await mark(path, held.fsync)
    await rename(path, join(held.dataFolder, name))
    return 1
  } catch (error) {
    if (isMissing(error)) return 0
    throw error
  }
}

async function mark(path: string, fsync: boolean): Promise<void> {
  const marked = redelivered(await readFile(path))
  if (marked === undefined) return
  try {
    await replace(path, marked, fsync)
  } catch (error) {
    // On a full disk it is delivered without the mark: consuming it makes room.
    if (systemCode(error) !== 'ENOSPC' && systemCode(error) !== 'EDQUOT') throw error
  }
}

/** Exchanges the content of a file in one step. */
export async function replace(
  path: string,
  content: string | Uint8Array,
  fsync: boolean,
): Promise<void> {
  const temporary = join(dirname(path), `${randomUUID()}.tmp`)
  try {
    await writeDurably(temporary, content, fsync)
    await rename(temporary, path)
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
}

/** A foreign item goes back as it is. */
function redelivered(payload: Uint8Array): string | undefined {
  try {
    return markRedelivered(payload)
  } catch {
    return undefined
  }
}

async function exists(folder: string): Promise<boolean> {
  try {
    await readdir(folder)
    return true
  } catch (error) {
    if (isMissing(error)) return false
    throw error
  }
}

async function removeIfEmpty(folder: string): Promise<void> {
  try {
    await rmdir(folder)
  } catch (error) {
    const code = systemCode(error)
    if (code !== 'ENOTEMPTY' && code !== 'EEXIST' && code !== 'ENOENT') throw error
  }
}
