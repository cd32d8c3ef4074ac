/**
 * Matching of topic binding keys, as Kombu does it and as AMQP says.
 */
import { ConfigurationError } from '../errors.ts'
import { matchTopicAutomaton } from './topic-automaton.ts'

/**
 * The regular expression that Kombu keeps in shared binding tables and Python peers execute.
 *
 * Shape: `a.*.b-c.#` → `^a\..*?[^\.]\.b\-c\..*?$`. Source: kombu/transport/virtual/exchange.py,
 * TopicExchange.key_to_pattern; kombu/utils/text.py, escape_regex.
 *
 * @throws {ConfigurationError} `BAD_OPTION` for keys like `**` or `*x`: no Python publisher to the
 * exchange could compile their pattern.
 */
export function kombuTopicPattern(bindingKey: string): string {
  if (isUncompilable(bindingKey)) {
    throw new ConfigurationError(
      'BAD_OPTION',
      `Cannot bind by the topic ${JSON.stringify(bindingKey)}: a "*" has to be a whole word between dots`,
    )
  }
  // Letters and digits of every script, as Python's isalnum().
  const escaped = bindingKey.replaceAll(/[^\p{L}\p{N}.#*]/gu, (char) =>
    char === '\0' ? String.raw`\000` : `\\${char}`,
  )
  const words = escaped.split('.').map((word) => wildcards[word] ?? word)
  return `^${words.join(String.raw`\.`)}$`
}

const wildcards: Readonly<Record<string, string | undefined>> = Object.freeze(
  Object.assign(Object.create(null), { '*': String.raw`.*?[^\.]`, '#': '.*?' }),
)

/**
 * Whether Kombu would route the key: the answer of Python's `re.match` on {@link kombuTopicPattern}.
 *
 * Not AMQP: `a.*` also matches `a.b.c`, and `a.#` does not match `a`. Keys whose pattern Python cannot
 * compile match nothing. Takes at most text × key steps.
 */
export function matchKombuTopic(bindingKey: string, routingKey: string): boolean {
  if (!isPlain(bindingKey, routingKey)) {
    return !isUncompilable(bindingKey) && matchTopicAutomaton(bindingKey, routingKey)
  }
  let wildcard = ''
  let from = 0
  let at = 0
  // Of each literal between wildcards the leftmost place will do: what follows can only gain from it.
  while (true) {
    const next = nextWildcard(bindingKey, from)
    const literal = bindingKey.slice(from, next)
    const isLast = next === bindingKey.length
    const found = findLiteral(routingKey, { literal, wildcard, at, isLast })
    if (found === -1 || isLast) return found !== -1
    at = found + literal.length
    wildcard = bindingKey[next] ?? ''
    from = next + 1
  }
}

interface LiteralSearch {
  readonly literal: string
  /** What stands before the literal: `*`, `#`, or nothing. */
  readonly wildcard: string
  /** Where the wildcard begins. */
  readonly at: number
  /** The literal has to end the text. */
  readonly isLast: boolean
}

function findLiteral(text: string, search: LiteralSearch): number {
  const { literal, wildcard, at, isLast } = search
  if (wildcard === '') return (isLast ? text === literal : text.startsWith(literal)) ? 0 : -1

  const first = wildcard === '*' ? at + 1 : at
  let start = isLast ? Math.max(first, text.length - literal.length) : first
  let found = text.indexOf(literal, start)
  // indexOf() goes back to the end of the text when asked to start behind it.
  while (found >= start) {
    // The last character that a `*` takes is not a dot.
    if (wildcard === '#' || text[found - 1] !== '.') return found
    start = found + 1
    found = text.indexOf(literal, start)
  }
  return -1
}

function nextWildcard(key: string, from: number): number {
  for (let i = from; i < key.length; i++) {
    if ((key[i] === '*' || key[i] === '#') && isWholeWord(key, i)) return i
  }
  return key.length
}

function isWholeWord(key: string, i: number): boolean {
  return (i === 0 || key[i - 1] === '.') && (i === key.length - 1 || key[i + 1] === '.')
}

/** No line breaks, at which Python's `.` and `$` behave oddly, and no `*` that repeats a character. */
function isPlain(bindingKey: string, routingKey: string): boolean {
  if (routingKey.includes('\n') || bindingKey.includes('\n')) return false
  for (let i = bindingKey.indexOf('*'); i !== -1; i = bindingKey.indexOf('*', i + 1)) {
    if (!isWholeWord(bindingKey, i)) return false
  }
  return true
}

/** A `*` that has nothing to repeat: "nothing to repeat", "multiple repeat". */
function isUncompilable(bindingKey: string): boolean {
  return /^\*[^.]|\*\*/.test(bindingKey)
}

/**
 * Whether AMQP 0-9-1 routes the key: `*` is exactly one word, `#` any number of words, also none.
 *
 * The empty key has no words, as in RabbitMQ. Takes at most words × words steps.
 */
export function matchAmqpTopic(bindingKey: string, routingKey: string): boolean {
  const wanted = words(bindingKey)
  const given = words(routingKey)
  let at = 0
  let next = 0
  // The last `#` seen and where what follows it was last tried: the only place to go back to.
  let hash = -1
  let tried = 0

  while (at < given.length) {
    const word = wanted[next]
    if (word === '#') {
      hash = next++
      tried = at
    } else if (word === '*' || word === given[at]) {
      at++
      next++
    } else if (hash !== -1) {
      next = hash + 1
      at = ++tried
    } else {
      return false
    }
  }
  return wanted.slice(next).every((rest) => rest === '#')
}

function words(key: string): readonly string[] {
  return key === '' ? [] : key.split('.')
}
