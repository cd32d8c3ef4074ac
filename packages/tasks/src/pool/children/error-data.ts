import * as ownErrors from '../../errors.ts'
import { classNameOf } from '../../result/encode-exception.ts'
import type { ErrorClass } from '../../task/task-options.ts'
import { type ValueData, valueData, valueFromData } from './value-data.ts'

/** What was thrown, as plain data: structured clone forgets classes, codes and fields of errors. */
export type ThrownData = { readonly error: ErrorData } | { readonly value: ValueData }

/** An error as plain data. */
export interface ErrorData {
  readonly name: string
  readonly message: string
  readonly stack: string | undefined
  /** Names of its class and of those it extends, nearest first. */
  readonly classes: readonly string[]
  /** Keys of its markers in the registry of symbols, which tell families of errors. */
  readonly markers: readonly string[]
  /** Its own fields that are numbers, texts and the like, or lists. */
  readonly fields: readonly (readonly [name: string, value: ValueData])[]
  readonly cause: ThrownData | undefined
}

/** Causes of causes that are kept. */
const maxCauses = 8
const spelledOut: ReadonlySet<string> = new Set(['name', 'message', 'stack', 'cause'])

/** Whatever was thrown, to be posted. */
export function thrownData(thrown: unknown, causesLeft: number = maxCauses): ThrownData {
  if (!(thrown instanceof Error)) return { value: valueData(thrown) }
  return { error: errorData(thrown, causesLeft) }
}

function errorData(error: Error, causesLeft: number): ErrorData {
  return {
    name: String(error.name === 'Error' ? classNameOf(error) : error.name),
    message: String(error.message),
    stack: typeof error.stack === 'string' ? error.stack : undefined,
    classes: classesOf(error),
    markers: markersOf(error),
    fields: fieldsOf(error),
    cause:
      error.cause === undefined || causesLeft === 0
        ? undefined
        : thrownData(error.cause, causesLeft - 1),
  }
}

/**
 * What was thrown, again. An error is of the nearest of its classes that is known here, and has the name of its own.
 *
 * @param known Classes beside the language's and ours, e.g. a task's `throws`.
 */
export function thrownFromData(data: ThrownData, known: readonly ErrorClass[] = []): unknown {
  if ('value' in data) return valueFromData(data.value)
  const { name, message, stack, classes, markers, fields, cause } = data.error
  const error = new Error(
    message,
    cause === undefined ? {} : { cause: thrownFromData(cause, known) },
  )
  const candidates = [...known, ...knownClasses]
  const nearest = classes
    .map((className) => candidates.find((one) => one.name === className))
    .find((one) => one !== undefined)
  if (nearest !== undefined) Object.setPrototypeOf(error, nearest.prototype)
  for (const [field, value] of fields) define(error, field, valueFromData(value))
  if (error.name !== name) define(error, 'name', name)
  define(error, 'stack', stack)
  for (const marker of markers) Object.defineProperty(error, Symbol.for(marker), { value: true })
  return error
}

const knownClasses: readonly ErrorClass[] = [
  ...Object.values(ownErrors),
  EvalError,
  RangeError,
  ReferenceError,
  SyntaxError,
  TypeError,
  URIError,
]

function classesOf(error: Error): readonly string[] {
  const names: string[] = []
  let prototype: unknown = Object.getPrototypeOf(error)
  while (prototype instanceof Error || prototype === Error.prototype) {
    names.push(String((prototype as Error).constructor.name)) // Prototypes of errors have constructors.
    prototype = Object.getPrototypeOf(prototype)
  }
  return names
}

function markersOf(error: Error): readonly string[] {
  return Object.getOwnPropertySymbols(error)
    .filter((symbol) => Reflect.get(error, symbol) === true)
    .map((symbol) => Symbol.keyFor(symbol))
    .filter((key) => key !== undefined)
}

function fieldsOf(error: Error): ErrorData['fields'] {
  return Object.entries(error)
    .filter(([name, value]) => !spelledOut.has(name) && isPlain(value))
    .map(([name, value]) => [name, valueData(value)])
}

function isPlain(value: unknown): boolean {
  if (Array.isArray(value)) return value.every(isPlain)
  return (
    (typeof value !== 'object' && typeof value !== 'function' && typeof value !== 'symbol') ||
    value === null
  )
}

function define(error: Error, name: string, value: unknown): void {
  const isEnumerable = !spelledOut.has(name)
  Object.defineProperty(error, name, {
    value,
    writable: true,
    configurable: true,
    enumerable: isEnumerable,
  })
}
