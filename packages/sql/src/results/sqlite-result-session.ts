import { ConnectionError, type MessagingError, UnsupportedError } from '@dashi/messaging/transport'
import type { MetaListener, ResultContext, ResultMeta, ResultSession } from '@dashi/tasks/results'
import { pickleGroup, unpickleGroup } from './group-pickle.ts'
import { ResultDatabase } from './result-database.ts'
import type {
  ResultCommands,
  ResultThreadSettings,
  ResultVerb,
  TaskRow,
} from './result-protocol.ts'
import { metaOf, rowOf, sqlDate } from './task-row.ts'

/** Pause before a database that was lost while somebody listened is opened again. */
const reopenMs = 500

/** A session on the results in a file. The file is opened when first used, and again when it was lost. */
export class SqliteResultSession implements ResultSession {
  readonly replyTo = ''
  readonly #settings: ResultThreadSettings
  readonly #context: ResultContext
  readonly #listeners = new Map<string, Set<MetaListener>>()
  #database: ResultDatabase | undefined
  #isClosed = false

  constructor(settings: ResultThreadSettings, context: ResultContext) {
    this.#settings = settings
    this.#context = context
  }

  prepare(): undefined {
    return undefined
  }

  async store(meta: ResultMeta): Promise<void> {
    await this.#execute('store', rowOf(meta, this.#context))
  }

  async load(taskId: string): Promise<ResultMeta | undefined> {
    const row = await this.#execute('load', taskId)
    return row && metaOf(row, this.#context)
  }

  async watch(taskId: string, listener: MetaListener): Promise<() => void> {
    const listeners = this.#listeners.get(taskId) ?? new Set()
    this.#listeners.set(taskId, listeners)
    const own: MetaListener = (meta) => listener(meta)
    try {
      const row = await this.#execute('watch', taskId)
      listeners.add(own)
      if (row !== undefined) own(metaOf(row, this.#context))
    } catch (error) {
      this.#stop(taskId, listeners, own)
      throw error
    }
    return () => this.#stop(taskId, listeners, own)
  }

  async forget(taskId: string): Promise<void> {
    await this.#execute('forget', taskId)
  }

  async storeGroup(groupId: string, result: unknown): Promise<void> {
    const date = sqlDate(new Date().toISOString())
    await this.#execute('storeGroup', { id: groupId, result: pickleGroup(result), date })
  }

  async loadGroup(groupId: string): Promise<unknown> {
    const pickled = await this.#execute('loadGroup', groupId)
    return pickled && unpickleGroup(pickled)
  }

  async forgetGroup(groupId: string): Promise<void> {
    await this.#execute('forgetGroup', groupId)
  }

  async cleanup(): Promise<number> {
    const { expiresMs } = this.#context
    if (expiresMs === undefined) return 0
    return await this.#execute('cleanup', sqlDate(new Date(Date.now() - expiresMs).toISOString()))
  }

  async close(): Promise<void> {
    this.#isClosed = true
    this.#listeners.clear()
    await this.#database?.close()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  #execute<Verb extends ResultVerb>(
    verb: Verb,
    request: ResultCommands[Verb]['request'],
  ): Promise<ResultCommands[Verb]['result']> {
    if (this.#isClosed) return Promise.reject(this.#closedError())
    this.#database ??= this.#open()
    return this.#database.execute(verb, request)
  }

  #open(): ResultDatabase {
    return new ResultDatabase(this.#settings, {
      onChanged: (row) => this.#tell(row),
      onUnannounced: (reason) => this.#context.onWarning(unannounced(this.#settings.path, reason)),
      onLost: (error) => this.#lost(error),
    })
  }

  #lost(error: MessagingError): void {
    this.#database = undefined
    if (this.#isClosed || this.#listeners.size === 0) return
    this.#context.onWarning(error)
    setTimeout(() => this.#watchAgain(), reopenMs).unref()
  }

  #watchAgain(): void {
    if (this.#isClosed || this.#database !== undefined) return
    for (const taskId of this.#listeners.keys()) {
      this.#execute('watch', taskId)
        .then((row) => row && this.#tell(row))
        // That the file is lost again is told by itself.
        .catch(() => undefined)
    }
  }

  #tell(row: TaskRow): void {
    try {
      const meta = metaOf(row, this.#context)
      for (const listener of [...(this.#listeners.get(row.task_id) ?? [])]) listener(meta)
    } catch (error) {
      this.#context.onWarning(error)
    }
  }

  #stop(taskId: string, listeners: Set<MetaListener>, own: MetaListener): void {
    listeners.delete(own)
    if (listeners.size > 0 || this.#listeners.get(taskId) !== listeners) return
    this.#listeners.delete(taskId)
    // A database that is lost watches nothing anyway.
    if (!this.#isClosed) this.#execute('unwatch', taskId).catch(() => undefined)
  }

  #closedError(): ConnectionError {
    const { path } = this.#settings
    return new ConnectionError('CONNECTION_CLOSED', `The results in "${path}" were closed`)
  }
}

function unannounced(path: string, reason: string): UnsupportedError {
  return new UnsupportedError(
    `Changes of SQLite database "${path}" are not announced here (${reason}); looking for results 40 times a second instead`,
  )
}
