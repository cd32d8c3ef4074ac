import { mkdir, open, readdir, readFile, rename, stat, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { TaskError } from '../../errors.ts'

const prefixes = ['celery-task-meta-', 'celery-taskset-meta-', 'chord-unlock-'] as const

/** File systems allow names of 255 bytes; of a character of UTF-8 that is three at most. */
const maxIdLength = 75

/** A kind of thing that is kept. */
export type FileKind = 'task' | 'group'

/** One file per result, named after its key, in one folder: Celery's layout. Written beside it, then renamed. */
export class ResultFiles {
  readonly folder: string
  #made: Promise<unknown> | undefined

  constructor(folder: string) {
    this.folder = folder
  }

  /** Makes the folder, once. */
  async make(): Promise<void> {
    this.#made ??= mkdir(this.folder, { recursive: true })
    try {
      await this.#made
    } catch (error) {
      this.#made = undefined
      throw error
    }
  }

  /** @throws {TaskError} `NOT_ENCODABLE`: an id that is no file name, and could lead out of the folder. */
  nameOf(kind: FileKind, id: string): string {
    if (id === '' || id.length > maxIdLength || /[/\\\0]/.test(id)) throw notName(kind, id)
    return `${kind === 'task' ? prefixes[0] : prefixes[1]}${id}`
  }

  /** Id of the task whose result is in a file of that name. */
  static taskOf(name: string): string | undefined {
    return name.startsWith(prefixes[0]) ? name.slice(prefixes[0].length) : undefined
  }

  async read(name: string): Promise<Uint8Array | undefined> {
    return await orUndefined(readFile(join(this.folder, name)))
  }

  /** Unix milliseconds of the last change; undefined: there is no such file. */
  async changedAt(name: string): Promise<number | undefined> {
    return (await orUndefined(stat(join(this.folder, name))))?.mtimeMs
  }

  /** Atomic: a reader sees the old content or the new, never half of it. */
  async write(name: string, content: Uint8Array | string): Promise<void> {
    await this.make()
    const temporary = join(this.folder, `.${crypto.randomUUID()}.tmp`)
    try {
      await using file = await open(temporary, 'wx')
      await file.writeFile(content)
      await file.close()
      await rename(temporary, join(this.folder, name))
    } catch (error) {
      await orUndefined(unlink(temporary))
      throw error
    }
  }

  async remove(name: string): Promise<void> {
    await orUndefined(unlink(join(this.folder, name)))
  }

  /** Removes what was last changed before, and what writers that died left behind. @returns how many results. */
  async removeOlder(unixMs: number): Promise<number> {
    let count = 0
    for (const name of (await orUndefined(readdir(this.folder))) ?? []) {
      const isResult = prefixes.some((prefix) => name.startsWith(prefix))
      if (!isResult && !/^\.[0-9a-f-]{36}\.tmp$/.test(name)) continue
      const changedAt = await this.changedAt(name)
      if (changedAt === undefined || changedAt >= unixMs) continue
      await this.remove(name)
      if (isResult) count += 1
    }
    return count
  }
}

/** What is not there is not an error. */
async function orUndefined<Value>(operation: Promise<Value>): Promise<Value | undefined> {
  try {
    return await operation
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}

function notName(kind: FileKind, id: string): TaskError {
  return new TaskError(
    'NOT_ENCODABLE',
    `The ${kind} id ${JSON.stringify(id)} cannot be the name of a file: use ids of up to 75 characters without slashes, such as UUIDs`,
  )
}
