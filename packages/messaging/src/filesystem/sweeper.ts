/**
 * Cleans up after the dead: gives the messages of dead holders back and deletes their exclusive queues.
 * Every session does it; it makes no difference who.
 */
import { readdir, rename, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { isMissing } from './filesystem-error.ts'
import { giveBack, heartbeatFile } from './give-back.ts'
import { type Holder, holdersFolder, leaseMsOf } from './holder.ts'
import { Stillness } from './stillness.ts'

/** For so long a holder without a heartbeat may be one whose thread is starting. */
const openingMs = 10_000

/** What a sweeper works with. */
export interface SweeperParts {
  readonly holder: Holder
  readonly fsync: boolean
  /** Time between two rounds. */
  readonly intervalMs: number
  /** A holder is dead and its messages are back. */
  readonly onBuried: (holder: string) => Promise<void>
}

/** Sweeps when told to. */
export class Sweeper {
  readonly #parts: SweeperParts
  readonly #stillness: Stillness

  constructor(parts: SweeperParts) {
    this.#parts = parts
    this.#stillness = new Stillness(parts.intervalMs * 2)
  }

  /** One round. */
  async sweep(): Promise<void> {
    const seen = new Set<string>()
    for (const dataFolder of this.#parts.holder.dataFolders) {
      for (const id of await readdir(join(dataFolder, holdersFolder))) {
        seen.add(join(dataFolder, id))
        if (await this.#isDead(dataFolder, id)) await this.#bury(dataFolder, id)
      }
    }
    this.#stillness.keepOnly(seen)
  }

  async #isDead(dataFolder: string, id: string): Promise<boolean> {
    if (id === this.#parts.holder.id) return false
    const atMs = await heartbeatMs(join(dataFolder, holdersFolder, id, heartbeatFile))
    const stillMs = this.#stillness.observe(join(dataFolder, id), atMs, performance.now())
    // One that is just opening has no heartbeat yet.
    if (atMs === 0) return stillMs >= Math.max(leaseMsOf(id), openingMs)
    const leaseMs = leaseMsOf(id)
    return stillMs >= leaseMs || (atMs + leaseMs < Date.now() && stillMs >= leaseMs / 2)
  }

  /** Moved into our own folder it is ours alone, and somebody else's if we die over it. */
  async #bury(dataFolder: string, id: string): Promise<void> {
    const folder = join(this.#parts.holder.folderIn(dataFolder), id)
    try {
      await rename(join(dataFolder, holdersFolder, id), folder)
    } catch (error) {
      if (isMissing(error)) return
      throw error
    }
    await giveBack({ folder, dataFolder, fsync: this.#parts.fsync })
    await this.#parts.onBuried(id)
  }
}

/** When a holder last showed that it lives; 0 when it has no heartbeat. */
async function heartbeatMs(file: string): Promise<number> {
  try {
    return (await stat(file)).mtimeMs
  } catch (error) {
    if (isMissing(error)) return 0
    throw error
  }
}
