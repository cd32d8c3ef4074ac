import { classNameOf } from './encode-exception.ts'

/** Causes of causes that are shown. */
const maxCauses = 8
const frame = /^\s*at (?:(?<name>.*?) \()?(?<file>[^()]+?):(?<line>\d+)(?::\d+)?\)?$/

/**
 * The stack of a thrown error, and of what caused it, as Python prints a traceback: most recent call last, causes first. Logs,
 * Flower and callers in Python show it. `undefined` for what is no error and so has no stack.
 *
 * ```text
 * Traceback (most recent call last):
 *   File "/app/tasks.ts", line 7, in fetchPage
 * TypeError: fetch failed
 * ```
 */
export function tracebackText(thrown: unknown): string | undefined {
  if (!(thrown instanceof Error)) return undefined
  const errors = [thrown]
  for (let cause = thrown.cause; cause instanceof Error; cause = cause.cause) {
    if (errors.includes(cause) || errors.length > maxCauses) break
    errors.push(cause)
  }
  return errors
    .reverse()
    .map(oneTraceback)
    .join('\nThe above exception was the direct cause of the following exception:\n\n')
}

function oneTraceback(error: Error): string {
  const lines = (error.stack ?? '')
    .split('\n')
    .map(frameLine)
    .filter((line) => line !== undefined)
  const title = `${classNameOf(error)}${error.message === '' ? '' : `: ${error.message}`}`
  return ['Traceback (most recent call last):', ...lines.reverse(), title, ''].join('\n')
}

function frameLine(line: string): string | undefined {
  const groups = frame.exec(line)?.groups
  if (groups === undefined) return undefined
  const { name = '<module>', file = '', line: number } = groups
  return `  File "${file.replace(/^file:\/\//, '')}", line ${number}, in ${name}`
}
