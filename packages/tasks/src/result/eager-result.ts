import { AsyncResult } from './async-result.ts'
import { encodeException } from './encode-exception.ts'
import { resultMeta } from './make-result-meta.ts'
import type { ResultMeta } from './result-meta.ts'
import type { GetOptions, ResultNode } from './result-node.ts'
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

/**
 * The result of a task that was run here and at once, by `apply()` or `taskAlwaysEager`: a result like any other, without a
 * store, and with the very value or error. Celery's `EagerResult`.
 */
export class EagerResult<T = unknown> extends AsyncResult<T> {
  readonly #outcome: EagerOutcome<T>

  constructor(id: string, outcome: EagerOutcome<T>, parent?: ResultNode) {
    super(id, { session: undefined, parent })
    this.#outcome = outcome
  }

  /** The value, or what the task threw: thrown, or with `propagate: false` returned. */
  override async get({ propagate = true }: GetOptions = {}): Promise<T> {
    if (this.#outcome.status === 'SUCCESS') return this.#outcome.value
    if (propagate) throw this.#outcome.error
    return this.#outcome.error as T // As for AsyncResult, whoever asks for it knows.
  }

  override async result(): Promise<unknown> {
    return this.#outcome.status === 'SUCCESS' ? this.#outcome.value : this.#outcome.error
  }

  /** As a store would have kept it. */
  override async meta(): Promise<ResultMeta> {
    const outcome = this.#outcome
    if (outcome.status === 'SUCCESS') {
      return resultMeta({ taskId: this.id, status: 'SUCCESS', result: outcome.value })
    }
    const { status, error, traceback } = outcome
    return resultMeta({ taskId: this.id, status, result: encodeException(error), traceback })
  }

  /** Tells what there is, once. */
  override async watch(listener: MetaListener): Promise<() => void> {
    listener(await this.meta())
    return () => undefined
  }

  override async forget(): Promise<void> {
    // Nothing is kept anywhere.
  }

  /** @internal */
  override failure(): Promise<never> {
    return this.#outcome.status === 'SUCCESS'
      ? new Promise<never>(() => undefined)
      : Promise.reject(this.#outcome.error)
  }
}
