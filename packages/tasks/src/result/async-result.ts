import { TaskError } from '../errors.ts'
import { currentTask } from '../task/current-task.ts'
import { decodeException } from './decode-exception.ts'
import { GroupResult } from './group-result.ts'
import { ReadyWait } from './ready-wait.ts'
import { exceptionStates, type ResultMeta, readyStates, type TaskState } from './result-meta.ts'
import { type GetOptions, isResultTuple, type ResultNode, type ResultTuple } from './result-node.ts'
import type { MetaListener, ResultSession } from './result-store.ts'

/** What a result belongs to. */
export interface AsyncResultOptions {
  /** The opened store; `undefined`: results are not kept, and nothing can be asked. */
  readonly session: ResultSession | undefined
  /** What the task follows: the task before it in a chain, the header of its chord. */
  readonly parent?: ResultNode | undefined
  /** Whether the code that asks runs in a task. Default: whether it does. */
  readonly isInTask?: () => boolean
}

/**
 * The result of a task that somebody runs, or has run. Pushed, never polled. Celery's `AsyncResult`.
 *
 * Awaiting it does not wait for the task, on purpose: `get()` does.
 *
 * @example
 * const result = await add.delay(2, 3)
 * await result.get({ timeoutMs: 5_000 }) // 5
 */
export class AsyncResult<T = unknown> implements ResultNode {
  readonly id: string
  readonly parent: ResultNode | undefined
  readonly #session: ResultSession | undefined
  readonly #isInTask: () => boolean
  #waiting: ReadyWait | undefined

  constructor(id: string, options: AsyncResultOptions) {
    this.id = id
    this.parent = options.parent
    this.#session = options.session
    this.#isInTask = options.isInTask ?? isInTask
  }

  /**
   * Waits until the task is done.
   *
   * @returns its value; with `propagate: false` the error of a task that failed.
   * @throws the task's error, rebuilt: `TaskFailedError`, `TaskRevokedError`, `TimeLimitExceededError`, …; {@link TaskError}
   *   `RESULT_TIMED_OUT`, `WOULD_DEADLOCK`, `NO_RESULT_STORE`; what the store says when it cannot be watched;
   *   `signal.reason`.
   */
  get(options?: GetOptions & { readonly propagate?: true }): Promise<T>
  get(options: GetOptions): Promise<T | Error>
  async get(options: GetOptions = {}): Promise<T | Error> {
    const { propagate = true, followParents = true, disableSyncSubtasks = true } = options
    if (disableSyncSubtasks && this.#isInTask()) throw wouldDeadlock(this.id)
    const meta = await (followParents && this.parent !== undefined
      ? this.#readyOrParentFailed(this.parent, options)
      : this.#wait().ready(options))
    const value = outcomeOf(meta)
    if (propagate && exceptionStates.has(meta.status)) throw value
    return value as T | Error // The caller's claim of what the task returns.
  }

  /** Whether the task is done, in whichever way. */
  async ready(): Promise<boolean> {
    return readyStates.has(await this.state())
  }

  async successful(): Promise<boolean> {
    return (await this.state()) === 'SUCCESS'
  }

  async failed(): Promise<boolean> {
    return (await this.state()) === 'FAILURE'
  }

  /** `PENDING` also when nothing is known of it: see `exists()`. */
  async state(): Promise<TaskState> {
    return (await this.meta())?.status ?? 'PENDING'
  }

  /** Whether the store knows anything of the task. */
  async exists(): Promise<boolean> {
    return (await this.meta()) !== undefined
  }

  /** The value; the error of a task that failed or is tried again; what a custom state tells; null if there is nothing. */
  async result(): Promise<unknown> {
    const meta = await this.meta()
    return meta === undefined ? null : outcomeOf(meta)
  }

  async traceback(): Promise<string | null> {
    return (await this.meta())?.traceback ?? null
  }

  /** Results of what the task sent. */
  async children(): Promise<readonly ResultNode[]> {
    const { children } = (await this.meta()) ?? {}
    return (children ?? []).map((tuple) => resultFromTuple(tuple, this.#session))
  }

  /** When it was done; null before. */
  async dateDone(): Promise<Date | null> {
    const { date_done: date } = (await this.meta()) ?? {}
    return date ? new Date(date) : null
  }

  /** Name of the task. Like all that follow: known with `resultExtended`, otherwise null. */
  async name(): Promise<string | null> {
    return (await this.meta())?.name ?? null
  }

  async args(): Promise<readonly unknown[] | null> {
    return (await this.meta())?.args ?? null
  }

  async kwargs(): Promise<Readonly<Record<string, unknown>> | null> {
    return (await this.meta())?.kwargs ?? null
  }

  /** Name of the worker that ran it. */
  async worker(): Promise<string | null> {
    return (await this.meta())?.worker ?? null
  }

  async retries(): Promise<number | null> {
    return (await this.meta())?.retries ?? null
  }

  async queue(): Promise<string | null> {
    return (await this.meta())?.queue ?? null
  }

  /** All that the store knows, in Celery's words; `undefined`: nothing. */
  async meta(): Promise<ResultMeta | undefined> {
    const wait = this.#wait()
    if (wait.known !== undefined) return wait.known
    const meta = await this.#required().load(this.id)
    wait.note(meta)
    return meta
  }

  /** Tells what is known now, if anything, and then each change, until the returned function is called. */
  watch(listener: MetaListener): Promise<() => void> {
    return this.#required().watch(this.id, listener)
  }

  /** Removes it from the store. */
  async forget(): Promise<void> {
    this.#wait().forget()
    await this.#required().forget(this.id)
  }

  /** Waits for this and everything that it sent, and what that sent, as it becomes ready. Breadth first. */
  async *collect(options: GetOptions = {}): AsyncGenerator<readonly [ResultNode, unknown]> {
    const left: ResultNode[] = [this]
    for (let node = left.shift(); node !== undefined; node = left.shift()) {
      yield [node, await node.get(options)]
      left.push(...(await node.children()))
    }
  }

  asTuple(): ResultTuple {
    return [[this.id, this.parent?.asTuple() ?? null], null]
  }

  asList(): readonly string[] {
    return [this.id, ...(this.parent?.asList() ?? [])]
  }

  /** @internal */
  async failure(signal: AbortSignal): Promise<never> {
    const meta = await this.#wait().ready({ signal })
    if (exceptionStates.has(meta.status)) throw outcomeOf(meta)
    return await new Promise<never>(() => undefined)
  }

  async #readyOrParentFailed(first: ResultNode, options: GetOptions): Promise<ResultMeta> {
    const done = new AbortController()
    const failures: Promise<never>[] = []
    for (let parent: ResultNode | undefined = first; parent; parent = parent.parent) {
      failures.push(parent.failure(done.signal))
    }
    try {
      return await Promise.race([this.#wait().ready(options), ...failures])
    } finally {
      done.abort()
    }
  }

  #wait(): ReadyWait {
    this.#waiting ??= new ReadyWait(this.id, this.#required())
    return this.#waiting
  }

  #required(): ResultSession {
    if (this.#session !== undefined) return this.#session
    throw new TaskError(
      'NO_RESULT_STORE',
      `The result of task ${this.id} is not kept: its app has no result store ("backend"), or it was sent with ignoreResult`,
    )
  }
}

/**
 * The result that a tuple stands for. Celery's `result_from_tuple()`.
 *
 * @param tuple `[[id, parent], null]` of a task, `[[id, parent], [tuples]]` of a group; also `[id, …]`.
 * @throws {TaskError} `RESULT_STORE_FAILED`: it is no such tuple.
 */
export function resultFromTuple(tuple: unknown, session: ResultSession | undefined): ResultNode {
  if (!isResultTuple(tuple)) {
    throw new TaskError(
      'RESULT_STORE_FAILED',
      `This is no result as Celery writes it, [[id, parent], children]: ${JSON.stringify(tuple)?.slice(0, 100)}`,
    )
  }
  const [head, children] = tuple
  const [id, parentTuple] = typeof head === 'string' ? [head, null] : head
  const parent = parentTuple ? resultFromTuple(parentTuple, session) : undefined
  if (children === null) return new AsyncResult(id, { session, parent })
  const results = children.map((child) => resultFromTuple(child, session))
  return new GroupResult(id, results, { session, parent })
}

function outcomeOf({ status, result, traceback }: ResultMeta): unknown {
  return exceptionStates.has(status) ? decodeException(result, { traceback }) : result
}

function isInTask(): boolean {
  return currentTask() !== undefined
}

function wouldDeadlock(id: string): TaskError {
  return new TaskError(
    'WOULD_DEADLOCK',
    `Waiting for task ${id} inside of a task can stop all workers for ever: each waits, none is left to run it. ` +
      'Link the tasks instead (chain, chord, link), or, if there are surely enough workers, get({ disableSyncSubtasks: false })',
  )
}
