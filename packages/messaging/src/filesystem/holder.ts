/**
 * Who holds messages: one per session. A folder in each data folder, whose heartbeat file a thread touches.
 *
 * `<data folder>/.dashi-held/<leaseMs>-<uuid4>/`: on the data folder's file system by construction, and
 * never a name in which Kombu finds a queue's.
 */
import { randomUUID } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { LeaseLostError, reasonOf } from '../errors.ts'
import { systemCode } from './filesystem-error.ts'
import type { FilesystemSettings } from './filesystem-options.ts'
import { giveBack, heartbeatFile } from './give-back.ts'
import type { HeartbeatEvent } from './heartbeat-thread.ts'

/** The folder of all holders in a data folder. */
export const holdersFolder = '.dashi-held'

/** The lease time that a holder's name tells. */
export function leaseMsOf(holder: string): number {
  return Number(/^(\d+)-/.exec(holder)?.[1] ?? 15_000)
}

/** A holder that is alive. */
export class Holder {
  readonly id: string
  /** Where messages are taken from and where they are written to: one folder or two. */
  readonly dataFolders: readonly string[]
  readonly #settings: FilesystemSettings
  readonly #ready = Promise.withResolvers<void>()
  readonly #lost = Promise.withResolvers<LeaseLostError>()
  #thread: Worker | undefined

  private constructor(settings: FilesystemSettings) {
    this.#settings = settings
    this.id = `${settings.leaseMs}-${randomUUID()}`
    this.dataFolders = [...new Set([settings.dataFolderIn, settings.dataFolderOut])]
  }

  /** Creates the folders and starts the thread; resolves when it lives. */
  static async open(settings: FilesystemSettings): Promise<Holder> {
    const holder = new Holder(settings)
    for (const dataFolder of holder.dataFolders) {
      await makeFolder(join(dataFolder, holdersFolder))
      await mkdir(holder.folderIn(dataFolder))
    }
    holder.#start()
    await holder.#ready.promise
    return holder
  }

  /** Settles when the messages held have been given to others. Never rejects. */
  get lost(): Promise<LeaseLostError> {
    return this.#lost.promise
  }

  folderIn(dataFolder: string): string {
    return join(dataFolder, holdersFolder, this.id)
  }

  /** A message held, taken from `dataFolderIn`. */
  pathOf(fileName: string): string {
    return join(this.folderIn(this.#settings.dataFolderIn), fileName)
  }

  /** Gives everything back and ends. */
  async end(): Promise<void> {
    try {
      for (const dataFolder of this.dataFolders) {
        const folder = this.folderIn(dataFolder)
        await giveBack({ folder, dataFolder, fsync: this.#settings.fsync })
      }
    } finally {
      this.stop()
    }
  }

  /** Stops being alive. What is still held is given back by others. */
  stop(): void {
    void this.#thread?.terminate()
    this.#thread = undefined
  }

  #start(): void {
    const files = this.dataFolders.map((folder) => join(this.folderIn(folder), heartbeatFile))
    const { leaseMs } = this.#settings
    // It needs nothing of the program's flags, and cannot start with some of them (`--input-type`).
    const thread = new Worker(threadUrl(), {
      workerData: { files, leaseMs },
      name: 'dashi-filesystem',
      execArgv: [],
    })
    this.#thread = thread
    thread.on('message', (event: HeartbeatEvent) => this.#receive(event))
    thread.on('error', (error) => {
      this.#ready.reject(error)
      this.#lose(reasonOf(error))
    })
  }

  #receive(event: HeartbeatEvent): void {
    if (event.kind === 'lost') {
      this.#lose(event.reason)
      return
    }
    this.#ready.resolve()
    // It keeps the process only while somebody waits for it to start.
    this.#thread?.unref()
  }

  #lose(reason: string): void {
    // While it ends, its heartbeat is gone because it removed it.
    if (this.#thread === undefined) return
    this.stop()
    const message =
      `The lease of this session on folder "${this.#settings.dataFolderIn}" ran out: ${reason}. ` +
      'The process was stopped, or the folder was unwritable, for longer than `leaseMs`'
    this.#lost.resolve(new LeaseLostError(message))
  }
}

/** Not recursive: that says of a read-only file system that folders are missing. */
async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path)
  } catch (error) {
    if (systemCode(error) !== 'EEXIST') throw error
  }
}

/** The thread's file is a source beside this one, or its compiled form. */
function threadUrl(): URL {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js'
  return new URL(`./heartbeat-thread.${extension}`, import.meta.url)
}
