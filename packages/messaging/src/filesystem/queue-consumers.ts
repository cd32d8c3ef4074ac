/**
 * Which sessions consume from queues that go with their last consumer: a file for each in the control folder.
 *
 * `dashi-consumers/<queue>/<holder>`. Without this, one process that leaves would delete the queue of the others.
 */
import { mkdir, readdir, rmdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileNameOf } from './file-names.ts'
import { isMissing, systemCode } from './filesystem-error.ts'
import { withLock } from './lock-file.ts'
import { removed } from './message-folder.ts'

/** Joins and leaves on behalf of sessions. */
export class QueueConsumers {
  readonly #folder: string
  readonly #locks: string

  constructor(controlFolder: string) {
    this.#folder = join(controlFolder, 'dashi-consumers')
    this.#locks = join(controlFolder, 'dashi-consumers-locks')
  }

  async join(queue: string, holder: string): Promise<void> {
    const folder = this.#folderOf(queue)
    await this.#whileAlone(queue, async () => {
      await mkdir(folder, { recursive: true })
      await writeFile(join(folder, holder), '')
    })
  }

  /** @param whenLast Done when nobody else consumes, and before anybody can. @returns whether it was. */
  async leave(queue: string, holder: string, whenLast: () => Promise<void>): Promise<boolean> {
    const folder = this.#folderOf(queue)
    return await this.#whileAlone(queue, async () => {
      await removed(join(folder, holder))
      if ((await namesIn(folder)).length > 0) return false
      await whenLast()
      await removedFolder(folder)
      return true
    })
  }

  /** Forgets a session that is gone. */
  async forget(holder: string): Promise<void> {
    for (const queue of await namesIn(this.#folder))
      await removed(join(this.#folder, queue, holder))
  }

  async #whileAlone<T>(queue: string, work: () => Promise<T>): Promise<T> {
    await mkdir(this.#locks, { recursive: true })
    return await withLock(join(this.#locks, fileNameOf(queue)), work)
  }

  #folderOf(queue: string): string {
    return join(this.#folder, fileNameOf(queue))
  }
}

async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder)
  } catch (error) {
    if (isMissing(error)) return []
    throw error
  }
}

async function removedFolder(folder: string): Promise<void> {
  try {
    await rmdir(folder)
  } catch (error) {
    if (!isMissing(error) && systemCode(error) !== 'ENOTEMPTY') throw error
  }
}
