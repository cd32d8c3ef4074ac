/** Comparing what came with what had to. */
import { isDeepStrictEqual } from 'node:util'

/** What is wrong; `undefined` when both are equal. */
export function difference(what: string, actual: unknown, expected: unknown): string | undefined {
  if (isDeepStrictEqual(actual, expected)) return undefined
  return `${what}: ${JSON.stringify(actual)} instead of ${JSON.stringify(expected)}`
}
