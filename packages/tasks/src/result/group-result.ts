import { TaskError } from '../errors.ts'
import type { ResultNode, ResultTuple } from './result-node.ts'
import { ResultSet } from './result-set.ts'
import type { ResultSession } from './result-store.ts'

/** What a group belongs to. */
export interface GroupResultOptions {
  /** The opened store; `undefined`: results are not kept. */
  readonly session: ResultSession | undefined
  readonly parent?: ResultNode | undefined
}

/**
 * The results of a group of tasks. Celery's `GroupResult`: may be saved in the store under its id, and restored from there by
 * whoever knows it: see `restoreGroup()`.
 */
export class GroupResult<T = unknown> extends ResultSet<T> implements ResultNode {
  readonly id: string
  readonly parent: ResultNode | undefined
  readonly #session: ResultSession | undefined

  constructor(id: string, results: Iterable<ResultNode>, options: GroupResultOptions) {
    super(results)
    this.id = id
    this.parent = options.parent
    this.#session = options.session
  }

  /** Keeps which results belong to it. */
  async save(): Promise<void> {
    await this.#required().storeGroup(this.id, this.asTuple())
  }

  /** Removes what `save()` kept. The results stay: see `forget()`. */
  async delete(): Promise<void> {
    await this.#required().forgetGroup(this.id)
  }

  async children(): Promise<readonly ResultNode[]> {
    return this.results
  }

  asTuple(): ResultTuple {
    const children = this.results.map((result) => result.asTuple())
    return [[this.id, this.parent?.asTuple() ?? null], children]
  }

  asList(): readonly string[] {
    return [this.id, ...this.results.flatMap((result) => result.asList())]
  }

  /** @internal */
  failure(signal: AbortSignal): Promise<never> {
    // Of nothing, nothing fails: a race of none is pending for ever.
    return Promise.race(this.results.map((result) => result.failure(signal)))
  }

  #required(): ResultSession {
    if (this.#session !== undefined) return this.#session
    throw new TaskError(
      'NO_RESULT_STORE',
      `Group ${this.id} cannot be kept: its app has no result store`,
    )
  }
}
