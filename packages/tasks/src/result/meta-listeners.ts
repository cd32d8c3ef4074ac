import type { ResultMeta } from './result-meta.ts'
import type { MetaListener } from './result-store.ts'

/** Who is told of which task. For stores whose news come one by one. */
export class MetaListeners {
  readonly #byTask = new Map<string, Set<MetaListener>>()

  /** Tasks that somebody listens to. */
  get taskIds(): Iterable<string> {
    return this.#byTask.keys()
  }

  has(taskId: string): boolean {
    return this.#byTask.has(taskId)
  }

  /** @returns takes it out again; true if it was the last of its task. */
  add(taskId: string, listener: MetaListener): () => boolean {
    const listeners = this.#byTask.get(taskId) ?? new Set()
    this.#byTask.set(taskId, listeners)
    // One's own, so that the same function can listen twice.
    const own: MetaListener = (meta) => listener(meta)
    listeners.add(own)
    return () => {
      listeners.delete(own)
      return listeners.size === 0 && this.#byTask.delete(taskId)
    }
  }

  tell(meta: ResultMeta): void {
    for (const listener of [...(this.#byTask.get(meta.task_id) ?? [])]) listener(meta)
  }

  clear(): void {
    this.#byTask.clear()
  }
}
