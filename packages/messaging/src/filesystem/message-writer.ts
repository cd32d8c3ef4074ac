/** Appends messages: written and synced under names that nobody reads, then renamed in order. */
import { rename, rm } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { OutcomeUnknownError, PublishError } from '../errors.ts'
import type { StoredMessage } from '../virtual/queue-store.ts'
import { syncFolder, writeDurably } from './durable-write.ts'
import { MessageNames, nameProblem } from './file-names.ts'
import { toMessagingError } from './filesystem-error.ts'

/** Files written at the same time: as many as keep the threads of libuv busy. */
const writers = 8

/** Where a writer writes. */
export interface WriterFolders {
  readonly dataFolder: string
  /** On the same file system. */
  readonly temporaryFolder: string
}

interface NewFile {
  readonly temporary: string
  readonly path: string
  readonly payload: string
}

/** One writer per session. */
export class MessageWriter {
  readonly #folders: WriterFolders
  readonly #fsync: boolean
  readonly #names = new MessageNames()
  #last: Promise<void> = Promise.resolve()

  constructor(folders: WriterFolders, options: { readonly fsync: boolean }) {
    this.#folders = folders
    this.#fsync = options.fsync
  }

  /** A name that is last in its queue now. */
  nextName(queue: string): string {
    return this.#names.next(queue)
  }

  /**
   * Appends all or none, in order.
   *
   * @throws {PublishError} none is there; {OutcomeUnknownError} some may be.
   */
  async put(messages: readonly StoredMessage[]): Promise<void> {
    for (const { queue } of messages) checkQueue(queue)
    const files = messages.map(({ queue, payload }) => this.#newFile(queue, payload))
    await this.#whileCleaning(files, () => this.#writeAll(files))
    const renamed = this.#last.then(() => this.#renameAll(files))
    this.#last = renamed.catch(() => undefined)
    await this.#whileCleaning(files, () => renamed)
    if (this.#fsync) await syncFolder(this.#folders.dataFolder).catch(unknownOutcome)
  }

  #newFile(queue: string, payload: string): NewFile {
    const path = join(this.#folders.dataFolder, this.#names.next(queue))
    return {
      path,
      temporary: join(this.#folders.temporaryFolder, `${basename(path)}.tmp`),
      payload,
    }
  }

  async #writeAll(files: readonly NewFile[]): Promise<void> {
    const rest = files.values()
    const write = async () => {
      for (const { temporary, payload } of rest) await writeDurably(temporary, payload, this.#fsync)
    }
    const results = await Promise.allSettled(Array.from({ length: writers }, write))
    for (const result of results) if (result.status === 'rejected') throw result.reason
  }

  async #renameAll(files: readonly NewFile[]): Promise<void> {
    for (const [index, { temporary, path }] of files.entries()) {
      try {
        await rename(temporary, path)
      } catch (error) {
        if (index === 0) throw error
        unknownOutcome(error)
      }
    }
  }

  async #whileCleaning(files: readonly NewFile[], work: () => Promise<void>): Promise<void> {
    try {
      await work()
    } catch (error) {
      await Promise.allSettled(files.map(({ temporary }) => rm(temporary, { force: true })))
      throw toMessagingError(error, {
        work: 'put',
        what: 'store messages',
        folder: this.#folders.dataFolder,
      })
    }
  }
}

function unknownOutcome(cause: unknown): never {
  throw new OutcomeUnknownError(
    `Messages were not all confirmed by the file system (${String(cause)}): some of the batch may be stored`,
    { cause },
  )
}

function checkQueue(queue: string): void {
  const problem = nameProblem(queue)
  if (problem === undefined) return
  throw new PublishError(
    'REFUSED',
    `Cannot publish to queue ${JSON.stringify(queue)}: its messages are files, and ${problem}. Choose another name`,
  )
}
