/**
 * The file of an exchange: who is bound to it.
 *
 * Shape: `<exchange>.exchange`, a JSON array of `[routing_key, pattern, queue]`, newest first; `pattern` is
 * Kombu's regular expression for topic exchanges and empty for others. Source:
 * kombu/transport/filesystem.py, Channel._queue_bind.
 */
import { randomUUID } from 'node:crypto'
import { type FileHandle, open, readFile, rename } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { ChannelError } from '../errors.ts'
import { writeDurably } from './durable-write.ts'
import { isMissing } from './filesystem-error.ts'
import { withLock } from './lock-file.ts'
import { removed } from './message-folder.ts'

/** `[routing_key, pattern, queue]`. */
export type BindingRow = readonly [routingKey: string, pattern: string, queue: string]

/** From the rows that are there to those that should be. Called again when somebody else wrote meanwhile. */
export type EditRows = (rows: readonly BindingRow[]) => readonly BindingRow[]

const readAttempts = 20
const writeAttempts = 10

/**
 * The rows of an exchange's file; none if there is no file.
 *
 * @throws {ChannelError} `PRECONDITION_FAILED` the file is something else.
 */
export async function readRows(path: string): Promise<readonly BindingRow[]> {
  for (let attempt = 1; ; attempt += 1) {
    const rows = rowsOf(await textOf(path))
    if (rows !== undefined) return rows
    if (attempt === readAttempts) throw notATable(path)
    // Kombu writes in place, and we cannot take part in its lock.
    await sleep(10)
  }
}

/** Changes the rows of an exchange's file, under a lock of ours; verified afterwards. */
export async function changeRows(
  path: string,
  edit: EditRows,
  options: { readonly fsync: boolean },
): Promise<void> {
  await withLock(`${path}.dashi-lock`, async () => {
    let carried: readonly BindingRow[] = []
    for (let attempt = 1; attempt <= writeAttempts; attempt += 1) {
      const outcome = await changeOnce(path, (rows) => edit(union(carried, rows)), options)
      if (outcome === 'done') return
      carried = outcome
    }
    throw new ChannelError(
      'RESOURCE_LOCKED',
      `Cannot change the bindings in "${path}": another program, which does not take our lock, goes on changing them. Try again`,
    )
  })
}

/** @returns `done`, or the rows that somebody wrote into the file while it was being replaced. */
async function changeOnce(
  path: string,
  edit: EditRows,
  options: { readonly fsync: boolean },
): Promise<'done' | readonly BindingRow[]> {
  await using before = await openIfThere(path)
  const rows = await readRows(path)
  const wanted = edit(rows)
  const text = JSON.stringify(wanted)
  if (text === JSON.stringify(rows)) return 'done'
  if (wanted.length === 0) await removed(path)
  else await replaceTable(path, text, options.fsync)
  const late = before && rowsOf(await textOfHandle(before))
  if (late && JSON.stringify(late) !== JSON.stringify(rows)) return late
  return JSON.stringify(await readRows(path)) === text ? 'done' : []
}

async function replaceTable(path: string, text: string, fsync: boolean): Promise<void> {
  const temporary = `${path}.${randomUUID()}.tmp`
  await writeDurably(temporary, text, fsync)
  await rename(temporary, path)
}

function union(first: readonly BindingRow[], second: readonly BindingRow[]): readonly BindingRow[] {
  const known = new Set(second.map((row) => JSON.stringify(row)))
  return [...first.filter((row) => !known.has(JSON.stringify(row))), ...second]
}

async function textOf(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if (isMissing(error)) return '[]'
    throw error
  }
}

async function openIfThere(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, 'r')
  } catch (error) {
    if (isMissing(error)) return undefined
    throw error
  }
}

async function textOfHandle(file: FileHandle): Promise<string> {
  const { size } = await file.stat()
  const { buffer, bytesRead } = await file.read(Buffer.alloc(size), 0, size, 0)
  return buffer.toString('utf8', 0, bytesRead)
}

function rowsOf(text: string): readonly BindingRow[] | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return Array.isArray(value) && value.every(isRow) ? value : undefined
  } catch {
    return undefined
  }
}

function isRow(value: unknown): value is BindingRow {
  return Array.isArray(value) && value.length === 3 && value.every((v) => typeof v === 'string')
}

function notATable(path: string): ChannelError {
  return new ChannelError(
    'PRECONDITION_FAILED',
    `The file "${path}" is not a table of bindings (a JSON array of [routing key, pattern, queue]). ` +
      'Restore it, or remove it and bind again',
  )
}
