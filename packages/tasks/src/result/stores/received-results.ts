import { mayReplace } from '../may-replace.ts'
import { MetaListeners } from '../meta-listeners.ts'
import type { ResultMeta } from '../result-meta.ts'
import type { MetaListener } from '../result-store.ts'

/** Results that came by message: kept until they are forgotten, or too many others have come. */
export class ReceivedResults {
  readonly #maxKept: number
  readonly #metas = new Map<string, ResultMeta>()
  readonly #listeners = new MetaListeners()

  constructor(maxKept: number) {
    this.#maxKept = maxKept
  }

  get(taskId: string): ResultMeta | undefined {
    return this.#metas.get(taskId)
  }

  add(meta: ResultMeta): void {
    const { task_id: taskId, status } = meta
    if (!mayReplace(this.#metas.get(taskId)?.status, status)) return
    // Deleted first: what is set again goes to the end.
    this.#metas.delete(taskId)
    this.#metas.set(taskId, meta)
    const [oldest] = this.#metas.keys()
    if (this.#metas.size > this.#maxKept && oldest !== undefined) this.#metas.delete(oldest)
    this.#listeners.tell(meta)
  }

  watch(taskId: string, listener: MetaListener): () => void {
    const remove = this.#listeners.add(taskId, listener)
    const known = this.get(taskId)
    if (known !== undefined) listener(known)
    return () => {
      remove()
    }
  }

  forget(taskId: string): void {
    this.#metas.delete(taskId)
  }

  clear(): void {
    this.#metas.clear()
    this.#listeners.clear()
  }
}
