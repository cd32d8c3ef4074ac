import { TaskError } from '../errors.ts'
import type { RegisteredTask } from './registered-task.ts'

type Kwargs = Readonly<Record<string, unknown>>

/**
 * What a task's function is called with. Keyword arguments go to the places that `params` names; without `params` they arrive
 * as one last object. What is left out in between is `undefined`, so that defaults hold.
 *
 * @throws {TaskError} `BAD_ARGUMENTS`, naming the argument: too many, unknown, or given twice. Only with `params`; without, a
 *   function takes what it is given.
 */
export function bindArguments(
  task: RegisteredTask,
  args: readonly unknown[],
  kwargs: Kwargs,
): readonly unknown[] {
  const { params } = task.options
  if (params === undefined) return hasKeys(kwargs) ? [...args, kwargs] : args
  if (args.length > params.length) throw tooMany(task, args.length, params)
  return hasKeys(kwargs) ? placed(task, { args, kwargs, params }) : args
}

interface Given {
  readonly args: readonly unknown[]
  readonly kwargs: Kwargs
  readonly params: readonly string[]
}

function placed(task: RegisteredTask, { args, kwargs, params }: Given): readonly unknown[] {
  const bound = [...args]
  for (const name of Object.keys(kwargs)) {
    const place = params.indexOf(name)
    if (place < 0) throw unknownName(task, name, params)
    if (place < args.length) throw twice(task, name)
    while (bound.length < place) bound.push(undefined)
    bound[place] = kwargs[name]
  }
  return bound
}

function hasKeys(kwargs: Kwargs): boolean {
  for (const _ in kwargs) return true
  return false
}

function tooMany({ name }: RegisteredTask, count: number, params: readonly string[]): TaskError {
  return new TaskError(
    'BAD_ARGUMENTS',
    `${name}() takes ${params.length} arguments (${params.join(', ')}), ${count} were given`,
  )
}

function unknownName(
  { name }: RegisteredTask,
  keyword: string,
  params: readonly string[],
): TaskError {
  return new TaskError(
    'BAD_ARGUMENTS',
    `${name}() has no parameter "${keyword}"; its "params" are ${params.join(', ')}`,
  )
}

function twice({ name }: RegisteredTask, keyword: string): TaskError {
  return new TaskError('BAD_ARGUMENTS', `${name}() was given its argument "${keyword}" twice`)
}
