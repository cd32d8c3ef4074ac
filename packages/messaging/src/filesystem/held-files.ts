/** Files taken: moved into the holder's folder by one rename each, and out of it when they are settled. */
import { readFile, rename, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Lease, Settlement } from '../virtual/queue-store.ts'
import { byAge } from './file-names.ts'
import { isMissing } from './filesystem-error.ts'
import type { FilesystemSettings } from './filesystem-options.ts'
import { replace } from './give-back.ts'
import type { Holder } from './holder.ts'
import { removed, type WaitingFile } from './message-folder.ts'
import type { MessageWriter } from './message-writer.ts'

/** For so long the beginning of an envelope, or nothing, counts as one that is being written. */
const writingMs = 5_000
const opening = '{'.charCodeAt(0)
const closing = '}'.charCodeAt(0)

/** What a session holds. */
export class HeldFiles {
  readonly #settings: FilesystemSettings
  readonly #holder: Holder
  readonly #writer: MessageWriter
  /** Names of files by token. */
  readonly #held = new Map<string, string>()
  /** Settled in a batch that failed: the next time they are told so. */
  readonly #settled = new Set<string>()
  #lastToken = 0

  constructor(settings: FilesystemSettings, holder: Holder, writer: MessageWriter) {
    this.#settings = settings
    this.#holder = holder
    this.#writer = writer
  }

  /** Takes a file. @returns `undefined` when somebody else did. */
  async take({ queue, name }: WaitingFile, noAck: boolean): Promise<Lease | undefined> {
    const path = this.#holder.pathOf(name)
    const origin = join(this.#settings.dataFolderIn, name)
    try {
      await rename(origin, path)
      const payload = await readOrReturn(path, origin)
      if (!noAck) return { queue, payload, token: this.#hold(name) }
      return (await this.#finish(name)) ? { queue, payload, token: '' } : undefined
    } catch (error) {
      if (isMissing(error)) return undefined
      throw error
    }
  }

  /** Names of what goes back next to be delivered decide over its place: the oldest first, for whoever takes meanwhile. */
  inOrder(settlements: readonly Settlement[]): readonly Settlement[] {
    const nameOf = ({ token, outcome }: Settlement) =>
      outcome === 'release' ? (this.#held.get(token) ?? '') : ''
    return settlements.toSorted((a, b) => byAge(nameOf(a), nameOf(b)))
  }

  /** @returns whether it was still held. */
  async settle(settlement: Settlement): Promise<boolean> {
    const name = this.#held.get(settlement.token)
    if (name === undefined) return this.#settled.delete(settlement.token)
    const isHeld = await this.#carryOut(settlement, name)
    // Not before it is carried out: what the disk refused is settled again.
    this.#held.delete(settlement.token)
    return isHeld
  }

  /** A settlement succeeded whose batch did not. */
  remember(token: string): void {
    this.#settled.add(token)
  }

  async #carryOut(settlement: Settlement, name: string): Promise<boolean> {
    if (settlement.outcome === 'done') return await this.#finish(name)
    const path = this.#holder.pathOf(name)
    const { outcome, queue, payload } = settlement
    const newName = outcome === 'release' ? name : this.#writer.nextName(queue)
    try {
      await stat(path)
      await replace(path, payload, this.#settings.fsync)
      await rename(path, join(this.#settings.dataFolderIn, newName))
      return true
    } catch (error) {
      if (isMissing(error)) return false
      throw error
    }
  }

  async #finish(name: string): Promise<boolean> {
    const { processedFolder } = this.#settings
    if (processedFolder === undefined) return await removed(this.#holder.pathOf(name))
    try {
      await rename(this.#holder.pathOf(name), join(processedFolder, name))
      return true
    } catch (error) {
      if (isMissing(error)) return false
      throw error
    }
  }

  #hold(name: string): string {
    this.#lastToken += 1
    const token = String(this.#lastToken)
    this.#held.set(token, name)
    return token
  }
}

/** What cannot be read does not stay with us. */
async function readOrReturn(path: string, origin: string): Promise<Uint8Array> {
  try {
    return await readWritten(path)
  } catch (error) {
    if (!isMissing(error)) await rename(path, origin)
    throw error
  }
}

/** Kombu's files have their names before their content, so that a new one may be without its end yet. */
async function readWritten(path: string): Promise<Uint8Array> {
  for (;;) {
    const content = await readFile(path)
    if (!isBegun(content)) return content
    if (Date.now() - (await stat(path)).mtimeMs > writingMs) return content
    await sleep(10)
  }
}

/** What is no envelope at all need not be waited for: its neighbours are. */
function isBegun(content: Uint8Array): boolean {
  if (content.length === 0) return true
  return content[0] === opening && content.at(-1) !== closing
}
