import { TaskError } from '../errors.ts'
import type { RegisteredTask } from './registered-task.ts'

type Kwargs = Readonly<Record<string, unknown>>

/**
 * What a task's function is called with. Keyword arguments go to the places that `params` names; without `params` they arrive
 * as one last object. What is left out in between is `undefined`, so that defaults hold.
 *
 * Only `params` says what a function takes. Its length does not: optional parameters count in it, those with a default do not,
 * and a function in JavaScript may be given less or more. With `params`, an argument may be left out if its name ends with `?` or
 * its parameter has a default.
 *
 * @throws {TaskError} `BAD_ARGUMENTS`, naming all that is wrong: too many, missing, unknown, given twice.
 */
export function bindArguments(
  task: RegisteredTask,
  args: readonly unknown[],
  kwargs: Kwargs,
): readonly unknown[] {
  const { params } = task.options
  if (params === undefined) return hasKeys(kwargs) ? [...args, kwargs] : args
  const given = { args, kwargs, names: params.map(nameOf) }
  const wrong = hasKeys(kwargs) || args.length !== params.length ? complaints(task, given) : []
  if (wrong.length > 0) throw badArguments(task, wrong)
  return placed(given)
}

interface Given {
  readonly args: readonly unknown[]
  readonly kwargs: Kwargs
  readonly names: readonly string[]
}

function placed({ args, kwargs, names }: Given): readonly unknown[] {
  if (!hasKeys(kwargs)) return args
  const bound = [...args]
  for (const name of Object.keys(kwargs)) {
    const place = names.indexOf(name)
    while (bound.length < place) bound.push(undefined)
    bound[place] = kwargs[name]
  }
  return bound
}

function complaints(task: RegisteredTask, { args, kwargs, names }: Given): readonly string[] {
  const keywords = Object.keys(kwargs)
  const isMissing = (name: string, place: number) =>
    place >= args.length && isRequired(task, place) && !Object.hasOwn(kwargs, name)
  const doubled = names.slice(0, args.length).filter((name) => Object.hasOwn(kwargs, name))
  return [
    ...(args.length > names.length ? [`${args.length} positional arguments were given`] : []),
    ...names.filter(isMissing).map((name) => `"${name}" is missing`),
    ...doubled.map((name) => `"${name}" was given twice`),
    ...keywords.filter((name) => !names.includes(name)).map((name) => `"${name}" is unknown`),
  ]
}

function isRequired({ options, run }: RegisteredTask, place: number): boolean {
  const hasNoDefault = place < run.length - (options.bind ? 1 : 0)
  return hasNoDefault && !options.params?.[place]?.endsWith('?')
}

function nameOf(param: string): string {
  return param.endsWith('?') ? param.slice(0, -1) : param
}

function hasKeys(kwargs: Kwargs): boolean {
  for (const _ in kwargs) return true
  return false
}

function badArguments(task: RegisteredTask, wrong: readonly string[]): TaskError {
  const { params = [] } = task.options
  return new TaskError(
    'BAD_ARGUMENTS',
    `Task "${task.name}" takes (${params.join(', ')}), but ${wrong.join(', ')}`,
  )
}
