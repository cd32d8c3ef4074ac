import { TaskError } from '../errors.ts'
import type { TaskOptions } from './task-options.ts'

/** A task that can be run here. */
export interface RegisteredTask {
  readonly name: string
  readonly options: TaskOptions
  /** The function, called with the context first if the task is bound. */
  readonly run: (...args: never[]) => unknown
}

/** The tasks of an app, by name. */
export class TaskRegistry {
  readonly #tasks = new Map<string, RegisteredTask>()

  /** @throws {TaskError} `DUPLICATE_TASK`. */
  add(task: RegisteredTask): void {
    if (this.#tasks.has(task.name)) {
      throw new TaskError(
        'DUPLICATE_TASK',
        `There is a task "${task.name}" already. Give one of them another name`,
      )
    }
    this.#tasks.set(task.name, task)
  }

  get(name: string): RegisteredTask | undefined {
    return this.#tasks.get(name)
  }

  /** In the order of their registration. */
  names(): readonly string[] {
    return [...this.#tasks.keys()]
  }
}
