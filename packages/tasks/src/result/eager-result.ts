import { encodeException } from './encode-exception.ts'
import { resultMeta } from './make-result-meta.ts'
import type { ResultMeta, TaskState } from './result-meta.ts'
import type { GetOptions, ResultNode, ResultTuple } from './result-node.ts'
import type { MetaListener } from './result-store.ts'

/** How a task ended that was run at once. */
export type EagerOutcome<T> =
  | { readonly status: 'SUCCESS'; readonly value: T }
  | {
      readonly status: 'FAILURE' | 'RETRY' | 'REVOKED'
      /** What it threw, itself. */
      readonly error: unknown
      readonly traceback?: string | undefined
    }

/** The result of a task that was run here and at once, by `apply()` or `taskAlwaysEager`. No store is involved. Celery's `EagerResult`. */
export class EagerResult<T = unknown> implements ResultNode {
  readonly id: string
  readonly parent: ResultNode | undefined
  readonly #outcome: EagerOutcome<T>

  constructor(id: string, outcome: EagerOutcome<T>, parent?: ResultNode) {
    this.id = id
    this.parent = parent
    this.#outcome = outcome
  }

  /** The value, or what the task threw: thrown, or with `propagate: false` returned. */
  async get({ propagate = true }: GetOptions = {}): Promise<T> {
    if (this.#outcome.status === 'SUCCESS') return this.#outcome.value
    if (propagate) throw this.#outcome.error
    return this.#outcome.error as T // As for AsyncResult, whoever asks for it knows.
  }

  async ready(): Promise<boolean> {
    return true
  }

  async successful(): Promise<boolean> {
    return this.#outcome.status === 'SUCCESS'
  }

  async failed(): Promise<boolean> {
    return this.#outcome.status === 'FAILURE'
  }

  async state(): Promise<TaskState> {
    return this.#outcome.status
  }

  async exists(): Promise<boolean> {
    return true
  }

  async result(): Promise<unknown> {
    return this.#outcome.status === 'SUCCESS' ? this.#outcome.value : this.#outcome.error
  }

  async traceback(): Promise<string | null> {
    return this.#outcome.status === 'SUCCESS' ? null : (this.#outcome.traceback ?? null)
  }

  async children(): Promise<readonly ResultNode[]> {
    return []
  }

  /** As a store would have kept it. */
  async meta(): Promise<ResultMeta> {
    const outcome = this.#outcome
    const { status } = outcome
    const result = outcome.status === 'SUCCESS' ? outcome.value : encodeException(outcome.error)
    return resultMeta({ taskId: this.id, status, result, traceback: await this.traceback() })
  }

  /** Tells what there is, once. */
  async watch(listener: MetaListener): Promise<() => void> {
    listener(await this.meta())
    return () => undefined
  }

  async forget(): Promise<void> {
    // Nothing is kept anywhere.
  }

  asTuple(): ResultTuple {
    return [[this.id, this.parent?.asTuple() ?? null], null]
  }

  asList(): readonly string[] {
    return [this.id, ...(this.parent?.asList() ?? [])]
  }

  /** @internal */
  failure(): Promise<never> {
    return this.#outcome.status === 'SUCCESS'
      ? new Promise<never>(() => undefined)
      : Promise.reject(this.#outcome.error)
  }
}
