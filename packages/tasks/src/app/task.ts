import type { AsyncResult } from '../result/async-result.ts'
import type { EagerResult } from '../result/eager-result.ts'
import type { CallOptions } from '../task/call-options.ts'
import type { RegisteredTask } from '../task/registered-task.ts'
import type { TaskOptions } from '../task/task-options.ts'

/**
 * A task: call it as a function to run it here, or have it run by a worker.
 *
 * @example
 * const add = app.task('tasks.add', (x: number, y: number) => x + y)
 * add(1, 2)                                  // 3, here and now
 * const sum = await add.delay(1, 2)          // AsyncResult<number>
 * await sum.get({ timeoutMs: 5_000 })        // 3, by a worker
 */
export interface Task<Args extends readonly unknown[], Result> {
  (...args: Args): Result
  readonly name: string
  readonly options: TaskOptions
  /** Sends a call. Resolves when the broker has it. Celery's `delay()`. */
  delay(...args: Args): Promise<AsyncResult<Awaited<Result>>>
  /** Sends a call with options. Celery's `apply_async()`. */
  applyAsync(args: Args, options?: CallOptions): Promise<AsyncResult<Awaited<Result>>>
  /** Runs a call here, with everything that a worker would do around it. Celery's `apply()`. */
  apply(args: Args, options?: CallOptions): Promise<EagerResult<Awaited<Result>>>
}

/** A task that somebody else runs: its arguments and result are known, its code is not. */
export type RemoteTask<Args extends readonly unknown[], Result> = Pick<
  Task<Args, Result>,
  'name' | 'delay' | 'applyAsync'
>

/** What a task's methods do. */
export interface TaskActions {
  applyAsync(args: readonly unknown[], options: CallOptions): Promise<AsyncResult<unknown>>
  apply(args: readonly unknown[], options: CallOptions): Promise<EagerResult<unknown>>
  /** Runs the function as it is. */
  call(args: readonly unknown[]): unknown
}

/** Makes the callable thing that {@link Task} describes. */
export function makeTask<Args extends readonly unknown[], Result>(
  { name, options }: RegisteredTask,
  actions: TaskActions,
): Task<Args, Result> {
  const task = (...args: Args) => actions.call(args)
  Object.defineProperty(task, 'name', { value: name })
  // The types are those of the function that the task was made of; nothing at run time knows them.
  return Object.assign(task, {
    options,
    delay: (...args: Args) => actions.applyAsync(args, noOptions),
    applyAsync: (args: Args, callOptions: CallOptions = noOptions) =>
      actions.applyAsync(args, callOptions),
    apply: (args: Args, callOptions: CallOptions = noOptions) => actions.apply(args, callOptions),
  }) as unknown as Task<Args, Result>
}

const noOptions: CallOptions = Object.freeze({})
