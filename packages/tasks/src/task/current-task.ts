import { AsyncLocalStorage } from 'node:async_hooks'

/** Which task the code that runs now belongs to. */
export interface CurrentTask {
  readonly id: string
  readonly rootId: string
  /** Told of each call that it sends: `[[id, parent], null]`. */
  readonly onChild?: ((tuple: unknown) => void) | undefined
}

const storage = new AsyncLocalStorage<CurrentTask>()

/** The task that runs now: what is sent from it is its child. `undefined` outside of tasks. */
export function currentTask(): CurrentTask | undefined {
  return storage.getStore()
}

/** Runs a function as part of a task. */
export function asTask<Value>(task: CurrentTask, run: () => Value): Value {
  return storage.run(task, run)
}
