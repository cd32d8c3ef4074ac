import { bindArguments } from '../task/bind-arguments.ts'
import { directContext } from '../task/direct-context.ts'
import type { RegisteredTask } from '../task/registered-task.ts'

/** Runs a task's function as it is, here and now. A bound one gets a context that says so. */
export function callDirectly(task: RegisteredTask, args: readonly unknown[]): unknown {
  const bound = bindArguments(task, args, {})
  const run = task.run as (...given: readonly unknown[]) => unknown
  return task.options.bind ? run(directContext(task, args), ...bound) : run(...bound)
}
