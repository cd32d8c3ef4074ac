import { Script } from 'node:vm'
import { ConfigurationError, reasonOf } from '../errors.ts'

const maxPatternLength = 256
const maxTextLength = 1024
const timeoutMs = 100

const script = new Script('new RegExp(pattern, "y").test(text)')

/**
 * Regular expressions, anchored at the start only, as Kombu's `pcre` (Python's `re.match`).
 *
 * The dialect is JavaScript's. Patterns arrive from other processes, so the search is ended after
 * 100 ms: an expression can be made to run for years.
 *
 * @throws {ConfigurationError} `BAD_OPTION`: no regular expression, too long (256 for the pattern, 1024
 * for the text), or too slow.
 */
export function matchPcre(text: string, pattern: string): boolean {
  if (pattern.length > maxPatternLength || text.length > maxTextLength) {
    throw badPattern(
      pattern,
      `it may have ${maxPatternLength} characters, and the text ${maxTextLength}`,
    )
  }
  try {
    return script.runInNewContext({ pattern, text }, { timeout: timeoutMs }) === true
  } catch (error) {
    throw badPattern(pattern, reasonOf(error), error)
  }
}

function badPattern(pattern: string, problem: string, cause?: unknown): ConfigurationError {
  const shown = JSON.stringify(pattern.slice(0, maxPatternLength))
  return new ConfigurationError(
    'BAD_OPTION',
    `Cannot match by the regular expression ${shown}: ${problem}`,
    { cause },
  )
}
