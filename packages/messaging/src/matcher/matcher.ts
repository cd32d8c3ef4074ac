/**
 * Which processes a broadcast command is for, when it says so by a pattern. Source: kombu/matcher.py.
 */
import { ConfigurationError } from '../errors.ts'
import { matchGlob } from './glob.ts'
import { matchPcre } from './pcre.ts'

/** True if the text fits the pattern. */
export type Matcher = (text: string, pattern: string) => boolean

/**
 * Matchers by the name that goes on the wire. A value: `with()` makes another.
 *
 * Kombu's registry is one per process; here whoever matches is given one.
 */
export class MatcherRegistry {
  readonly #matchers: ReadonlyMap<string, Matcher>

  constructor(matchers: Iterable<readonly [name: string, matcher: Matcher]> = []) {
    this.#matchers = new Map(matchers)
  }

  /** In the order in which they were added. */
  get names(): readonly string[] {
    return [...this.#matchers.keys()]
  }

  /** A registry with one more, or with another one of that name. */
  with(name: string, matcher: Matcher): MatcherRegistry {
    return new MatcherRegistry([...this.#matchers, [name, matcher]])
  }

  /**
   * A registry with one less.
   *
   * @throws {ConfigurationError} `BAD_OPTION` if there is none of that name.
   */
  without(name: string): MatcherRegistry {
    this.#find(name)
    return new MatcherRegistry([...this.#matchers].filter(([other]) => other !== name))
  }

  /**
   * Asks the matcher of a name.
   *
   * @throws {ConfigurationError} `BAD_OPTION` if there is none of that name, or it refuses the pattern.
   */
  match(text: string, pattern: string, matcher = 'glob'): boolean {
    return this.#find(matcher)(text, pattern)
  }

  #find(name: string): Matcher {
    const matcher = this.#matchers.get(name)
    if (matcher !== undefined) return matcher
    throw new ConfigurationError(
      'BAD_OPTION',
      `No matcher "${name}" is registered; there are ${this.names.join(', ') || 'none'}`,
    )
  }
}

/** The matchers that every Kombu process has: `glob` and `pcre`. */
export const defaultMatchers: MatcherRegistry = new MatcherRegistry([
  ['glob', matchGlob],
  ['pcre', matchPcre],
])

/**
 * Kombu's `match()` with the built-in matchers.
 *
 * @throws {ConfigurationError} `BAD_OPTION` for another matcher than `glob` or `pcre`, or a bad pattern.
 * @example
 * match('worker1@example.com', 'worker?@*')          // true
 * match('worker1@example.com', 'worker[0-9]', 'pcre') // true
 */
export function match(text: string, pattern: string, matcher = 'glob'): boolean {
  return defaultMatchers.match(text, pattern, matcher)
}
