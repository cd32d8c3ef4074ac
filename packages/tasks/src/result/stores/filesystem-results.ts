import { fileURLToPath } from 'node:url'
import { TaskError } from '../../errors.ts'
import { mayReplace } from '../may-replace.ts'
import { MetaListeners } from '../meta-listeners.ts'
import type { ResultMeta } from '../result-meta.ts'
import type { MetaListener, ResultContext, ResultSession, ResultStore } from '../result-store.ts'
import { within } from '../within.ts'
import { FileWatch } from './file-watch.ts'
import { ResultFiles } from './result-files.ts'

/** Between looks by the clock, for file systems that announce nothing. */
const lookIntervalMs = 1_000

/** Python writes in place: a file that cannot be read may be half written, and is looked at again so many times. */
const maxLooksAgain = 20
const lookAgainMs = 50

/**
 * Results as files in a folder, one each, in Celery's layout. For processes that share a disk.
 *
 * A result that is there is never overwritten by a lesser one, except by two processes that store the same task's in the same
 * instant: files know no comparing. What has expired is removed by `cleanup()`.
 *
 * @param place Path of the folder, or a `file://` URL. Made if it does not exist.
 * @throws {TaskError} `BAD_OPTION`: a `file://` URL that is none.
 */
export function filesystemResults(place: string): ResultStore {
  const folder = folderOf(place)
  return {
    name: 'filesystem',
    address: `file://${folder}`,
    open: (context) => new FilesystemResultSession(new ResultFiles(folder), context),
  }
}

function folderOf(place: string): string {
  if (!place.startsWith('file:')) return place
  try {
    return fileURLToPath(place.replace(/^file:\/\/localhost\//, 'file:///'))
  } catch (error) {
    throw badUrl(place, error)
  }
}

class FilesystemResultSession implements ResultSession {
  readonly replyTo = ''
  readonly #files: ResultFiles
  readonly #context: ResultContext
  readonly #listeners = new MetaListeners()
  readonly #watch: FileWatch
  /** By task, the end of what is being stored: one after the other, so that the rule holds. */
  readonly #storing = new Map<string, Promise<void>>()
  /** By file, what it held when it was last told: the same meta as long as it holds the same. */
  readonly #told = new Map<string, { readonly text: string; readonly meta: ResultMeta }>()
  #isClosed = false

  constructor(files: ResultFiles, context: ResultContext) {
    this.#files = files
    this.#context = context
    this.#watch = new FileWatch({
      folder: files.folder,
      names: () => [...this.#listeners.taskIds].map((taskId) => files.nameOf('task', taskId)),
      onChange: (name) => this.#changed(name),
      onWarning: context.onWarning,
      intervalMs: lookIntervalMs,
    })
  }

  prepare(): undefined {
    return undefined
  }

  async store(meta: ResultMeta): Promise<void> {
    this.#assertOpen()
    const { task_id: taskId } = meta
    const name = this.#files.nameOf('task', taskId)
    const content = this.#context.metas.write(meta)
    const before = this.#storing.get(taskId) ?? Promise.resolve()
    const stored = before.then(() => this.#storeNow(name, meta, content))
    const tail = stored.catch(() => undefined)
    this.#storing.set(taskId, tail)
    await this.#within(stored, `Storing the result of task ${taskId}`)
    if (this.#storing.get(taskId) === tail) this.#storing.delete(taskId)
  }

  async load(taskId: string): Promise<ResultMeta | undefined> {
    this.#assertOpen()
    const reading = this.#files.read(this.#files.nameOf('task', taskId))
    const bytes = await this.#within(reading, `Reading the result of task ${taskId}`)
    // Empty: Python has opened it and is about to write.
    return bytes && bytes.byteLength > 0 ? this.#context.metas.read(bytes, taskId) : undefined
  }

  async watch(taskId: string, listener: MetaListener): Promise<() => void> {
    this.#assertOpen()
    const name = this.#files.nameOf('task', taskId)
    await this.#within(this.#files.make(), `Making the folder ${this.#files.folder}`)
    const remove = this.#listeners.add(taskId, onceEach(listener))
    this.#watch.start()
    await this.#tell(name, taskId)
    return () => {
      if (remove()) this.#told.delete(name)
      if ([...this.#listeners.taskIds].length === 0) this.#watch.stop()
    }
  }

  async forget(taskId: string): Promise<void> {
    this.#assertOpen()
    await this.#files.remove(this.#files.nameOf('task', taskId))
  }

  async storeGroup(groupId: string, result: unknown): Promise<void> {
    this.#assertOpen()
    const content = this.#context.metas.writeGroup(result)
    await this.#files.write(this.#files.nameOf('group', groupId), content)
  }

  async loadGroup(groupId: string): Promise<unknown> {
    this.#assertOpen()
    const bytes = await this.#files.read(this.#files.nameOf('group', groupId))
    return bytes && this.#context.metas.readGroup(bytes, groupId)
  }

  async forgetGroup(groupId: string): Promise<void> {
    this.#assertOpen()
    await this.#files.remove(this.#files.nameOf('group', groupId))
  }

  async cleanup(): Promise<number> {
    this.#assertOpen()
    const { expiresMs } = this.#context
    return expiresMs === undefined ? 0 : await this.#files.removeOlder(Date.now() - expiresMs)
  }

  async close(): Promise<void> {
    this.#isClosed = true
    this.#watch.stop()
    this.#listeners.clear()
    await Promise.all(this.#storing.values())
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  async #storeNow(name: string, meta: ResultMeta, content: Uint8Array | string): Promise<void> {
    const bytes = await this.#files.read(name)
    const stored = bytes && this.#readable(bytes, meta.task_id)
    if (mayReplace(stored?.status, meta.status)) await this.#files.write(name, content)
  }

  #changed(name: string): void {
    const taskId = ResultFiles.taskOf(name)
    if (taskId === undefined || !this.#listeners.has(taskId)) return
    this.#tell(name, taskId).catch((error: unknown) => this.#context.onWarning(error))
  }

  /** Tells those who listen what a file holds now, if they do not know. */
  async #tell(name: string, taskId: string, looksAgain = maxLooksAgain): Promise<void> {
    const bytes = await this.#files.read(name)
    if (bytes === undefined || !this.#listeners.has(taskId)) return
    const meta = this.#metaOf(name, bytes, taskId)
    if (meta === undefined) this.#tellLater(name, taskId, looksAgain)
    else this.#listeners.tell(meta)
  }

  #metaOf(name: string, bytes: Uint8Array, taskId: string): ResultMeta | undefined {
    const text = Buffer.from(bytes).toString('latin1')
    const told = this.#told.get(name)
    if (told?.text === text) return told.meta
    const meta = this.#readable(bytes, taskId)
    if (meta !== undefined) this.#told.set(name, { text, meta })
    return meta
  }

  #tellLater(name: string, taskId: string, looksAgain: number): void {
    if (looksAgain === 0) {
      this.#context.onWarning(unreadable(name, this.#files.folder))
      return
    }
    const timer = setTimeout(() => {
      this.#tell(name, taskId, looksAgain - 1).catch((error: unknown) =>
        this.#context.onWarning(error),
      )
    }, lookAgainMs)
    timer.unref()
  }

  /** Undefined: it cannot be read, as it may be half written. */
  #readable(bytes: Uint8Array, taskId: string): ResultMeta | undefined {
    try {
      return this.#context.metas.read(bytes, taskId)
    } catch {
      return undefined
    }
  }

  #within<Value>(promise: Promise<Value>, what: string): Promise<Value> {
    return within(promise, { timeoutMs: this.#context.operationTimeoutMs, what })
  }

  #assertOpen(): void {
    if (!this.#isClosed) return
    throw new TaskError('CLOSED', `The result store file://${this.#files.folder} was closed`)
  }
}

/** A listener that is not told the same twice: a file may be announced more than once. */
function onceEach(listener: MetaListener): MetaListener {
  let last: ResultMeta | undefined
  return (meta) => {
    if (meta === last) return
    last = meta
    listener(meta)
  }
}

function unreadable(name: string, folder: string): TaskError {
  return new TaskError(
    'RESULT_STORE_FAILED',
    `The file ${name} in ${folder} cannot be read as a result. Its writer may have died on the way, or uses another serializer`,
  )
}

function badUrl(place: string, cause: unknown): TaskError {
  return new TaskError(
    'BAD_OPTION',
    `"${place}" names no folder for results: write file:///absolute/path`,
    { cause },
  )
}
