/** Whose exclusive queues are: a file for each in the control folder, with the id of its last owner. */
import { randomUUID } from 'node:crypto'
import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileNameOf, nameOf } from './file-names.ts'
import { isMissing } from './filesystem-error.ts'
import { removed } from './message-folder.ts'

/** The last one to say so owns a queue. */
export class QueueOwners {
  readonly #folder: string

  constructor(controlFolder: string) {
    this.#folder = join(controlFolder, 'dashi-owners')
  }

  async own(queue: string, holder: string): Promise<void> {
    await mkdir(this.#folder, { recursive: true })
    const temporary = join(this.#folder, `${randomUUID()}.tmp`)
    await writeFile(temporary, holder)
    await rename(temporary, this.#path(queue))
  }

  /** @returns `undefined` when the queue is not exclusive. */
  async ownerOf(queue: string): Promise<string | undefined> {
    try {
      return await readFile(this.#path(queue), 'utf8')
    } catch (error) {
      if (isMissing(error)) return undefined
      throw error
    }
  }

  async forget(queue: string): Promise<void> {
    await removed(this.#path(queue))
  }

  async ownedBy(holder: string): Promise<readonly string[]> {
    const owned: string[] = []
    for (const queue of await this.#queues()) {
      if ((await this.ownerOf(queue)) === holder) owned.push(queue)
    }
    return owned
  }

  async #queues(): Promise<readonly string[]> {
    try {
      const names = await readdir(this.#folder)
      return names
        .filter((name) => name.endsWith('.owner'))
        .map((name) => nameOf(name.slice(0, -6)))
    } catch (error) {
      if (isMissing(error)) return []
      throw error
    }
  }

  #path(queue: string): string {
    return join(this.#folder, `${fileNameOf(queue)}.owner`)
  }
}
