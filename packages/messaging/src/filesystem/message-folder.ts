/** The files that wait in a data folder, by queue. */
import { readdir, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { byAge, queueOf } from './file-names.ts'
import { isMissing } from './filesystem-error.ts'

/** A file that waits. */
export interface WaitingFile {
  readonly queue: string
  readonly name: string
}

/**
 * Remembers what it saw for ten times as long as looking took: a folder with a hundred thousand files
 * is not read for each message, and a small one practically is.
 */
export class MessageFolder {
  readonly path: string
  /** Oldest last. */
  #waiting = new Map<string, string[]>()
  #validUntilMs = 0

  constructor(path: string) {
    this.path = path
  }

  /** The oldest files of the queues, looking into them in this order. Each is told once. */
  async next(queues: readonly string[], limit: number): Promise<readonly WaitingFile[]> {
    const isKnown = queues.some((queue) => this.#waiting.has(queue))
    if (!isKnown || performance.now() > this.#validUntilMs) await this.#look()
    return this.seen(queues, limit)
  }

  /** As `next()`, of what was seen before. */
  seen(queues: readonly string[], limit: number): readonly WaitingFile[] {
    const found: WaitingFile[] = []
    for (const queue of queues) {
      const names = this.#waiting.get(queue) ?? []
      while (found.length < limit) {
        const name = names.pop()
        if (name === undefined) break
        found.push({ queue, name })
      }
      if (names.length === 0) this.#waiting.delete(queue)
    }
    return found
  }

  /** Has the next `next()` look again. */
  forget(): void {
    this.#validUntilMs = 0
  }

  async count(queue: string): Promise<number> {
    return (await this.#namesOf(queue)).length
  }

  /** @returns how many were removed here, and not taken by others at the same time. */
  async purge(queue: string): Promise<number> {
    let count = 0
    for (const name of await this.#namesOf(queue)) {
      if (await removed(join(this.path, name))) count += 1
    }
    this.forget()
    return count
  }

  async #namesOf(queue: string): Promise<readonly string[]> {
    return (await readdir(this.path)).filter((name) => queueOf(name) === queue)
  }

  async #look(): Promise<void> {
    const startMs = performance.now()
    const names = await readdir(this.path)
    names.sort((a, b) => byAge(b, a))
    const waiting = new Map<string, string[]>()
    for (const name of names) {
      const queue = queueOf(name)
      if (queue === undefined) continue
      const list = waiting.get(queue)
      if (list) list.push(name)
      else waiting.set(queue, [name])
    }
    this.#waiting = waiting
    const endMs = performance.now()
    this.#validUntilMs = endMs + 10 * (endMs - startMs)
  }
}

/** Removes a file. @returns whether it was there. */
export async function removed(path: string): Promise<boolean> {
  try {
    // Not rm(): that has nothing against somebody else being faster.
    await unlink(path)
    return true
  } catch (error) {
    if (isMissing(error)) return false
    throw error
  }
}
