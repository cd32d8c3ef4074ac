import { TaskError } from '../../errors.ts'
import { mayReplace } from '../may-replace.ts'
import { MetaListeners } from '../meta-listeners.ts'
import type { ResultMeta, TaskState } from '../result-meta.ts'
import type { MetaListener, ResultContext, ResultSession, ResultStore } from '../result-store.ts'

/** Options of {@link memoryResults}. */
export interface MemoryResultsOptions {
  /** Sessions see each other's results through the memory they share. Default: one of the store's own. */
  readonly memory?: ResultMemory
}

interface Kept {
  readonly bytes: Uint8Array
  readonly status: TaskState | undefined
  /** Unix milliseconds. */
  readonly expiresAt: number
}

/** Results in this process. Kept as bytes, so that no two tasks share a value. */
export class ResultMemory {
  /** @internal In the order of their expiry. */
  readonly kept: Map<string, Kept> = new Map()
  /** @internal */
  readonly listeners: MetaListeners = new MetaListeners()
}

/** Results in this process only: for tests, and for apps whose workers run beside their clients. */
export function memoryResults({
  memory = new ResultMemory(),
}: MemoryResultsOptions = {}): ResultStore {
  return {
    name: 'memory',
    address: 'memory://',
    open: (context) => new MemoryResultSession(memory, context),
  }
}

class MemoryResultSession implements ResultSession {
  readonly replyTo = ''
  readonly #memory: ResultMemory
  readonly #context: ResultContext
  readonly #stops = new Set<() => void>()
  #isClosed = false

  constructor(memory: ResultMemory, context: ResultContext) {
    this.#memory = memory
    this.#context = context
  }

  prepare(): undefined {
    return undefined
  }

  async store(meta: ResultMeta): Promise<void> {
    this.#assertOpen()
    const key = taskKey(meta.task_id)
    if (!mayReplace(this.#live(key)?.status, meta.status)) return
    const bytes = Buffer.from(this.#context.metas.write(meta))
    this.#keep(key, bytes, meta.status)
    this.#memory.listeners.tell(this.#context.metas.read(bytes, meta.task_id))
  }

  async load(taskId: string): Promise<ResultMeta | undefined> {
    this.#assertOpen()
    const kept = this.#live(taskKey(taskId))
    return kept && this.#context.metas.read(kept.bytes, taskId)
  }

  async watch(taskId: string, listener: MetaListener): Promise<() => void> {
    this.#assertOpen()
    // In one go: what is stored after this look is told.
    const known = this.#live(taskKey(taskId))
    const remove = this.#memory.listeners.add(taskId, listener)
    const stop = () => {
      remove()
      this.#stops.delete(stop)
    }
    this.#stops.add(stop)
    if (known !== undefined) listener(this.#context.metas.read(known.bytes, taskId))
    return stop
  }

  async forget(taskId: string): Promise<void> {
    this.#assertOpen()
    this.#memory.kept.delete(taskKey(taskId))
  }

  async storeGroup(groupId: string, result: unknown): Promise<void> {
    this.#assertOpen()
    const bytes = Buffer.from(this.#context.metas.writeGroup(result))
    this.#keep(groupKey(groupId), bytes, undefined)
  }

  async loadGroup(groupId: string): Promise<unknown> {
    this.#assertOpen()
    const kept = this.#live(groupKey(groupId))
    return kept && this.#context.metas.readGroup(kept.bytes, groupId)
  }

  async forgetGroup(groupId: string): Promise<void> {
    this.#assertOpen()
    this.#memory.kept.delete(groupKey(groupId))
  }

  async cleanup(): Promise<number> {
    const before = this.#memory.kept.size
    for (const [key, { expiresAt }] of this.#memory.kept) {
      if (expiresAt <= Date.now()) this.#memory.kept.delete(key)
    }
    return before - this.#memory.kept.size
  }

  async close(): Promise<void> {
    this.#isClosed = true
    for (const stop of [...this.#stops]) stop()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  #keep(key: string, bytes: Uint8Array, status: TaskState | undefined): void {
    const { kept } = this.#memory
    const { expiresMs = Number.POSITIVE_INFINITY } = this.#context
    // Deleted first: what is set again goes to the end.
    kept.delete(key)
    kept.set(key, { bytes, status, expiresAt: Date.now() + expiresMs })
    this.#dropOldest()
  }

  /** What has expired is at the front. So that a process that stores for ever does not grow for ever. */
  #dropOldest(): void {
    const now = Date.now()
    for (const [key, { expiresAt }] of this.#memory.kept) {
      if (expiresAt > now) return
      this.#memory.kept.delete(key)
    }
  }

  #live(key: string): Kept | undefined {
    const kept = this.#memory.kept.get(key)
    return kept !== undefined && kept.expiresAt > Date.now() ? kept : undefined
  }

  #assertOpen(): void {
    if (this.#isClosed) throw new TaskError('CLOSED', 'The result store memory:// was closed')
  }
}

function taskKey(taskId: string): string {
  return `celery-task-meta-${taskId}`
}

function groupKey(groupId: string): string {
  return `celery-taskset-meta-${groupId}`
}
