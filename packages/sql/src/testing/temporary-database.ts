import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A database file in a folder of its own, removed with everything in it. */
export interface TemporaryDatabase extends AsyncDisposable {
  readonly folder: string
  readonly path: string
}

export async function temporaryDatabase(): Promise<TemporaryDatabase> {
  const folder = await mkdtemp(join(tmpdir(), 'dashi-sql-'))
  return {
    folder,
    path: join(folder, 'queue.db'),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  }
}
