import { bytesText, leafText, replacementOf } from './python-leaf.ts'

/** Celery's `argsrepr_maxsize`, `kwargsrepr_maxsize` and `resultrepr_maxsize`. */
export const maxReprLength = 1024

/** Containers below this level print as `[...]`. */
export const maxReprLevels = 3

/** A piece of a printed value. Only the end of a container is printed once the length is used up. */
type Token =
  | { readonly kind: 'text' | 'quoted' | 'separator' | 'open' | 'close'; readonly text: string }
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }

/** How the outermost value prints. */
export interface ReprOptions {
  /** An array as a tuple. */
  readonly asTuple: boolean
  /** In code points. What says that something is left out comes on top. */
  readonly maxLength: number
}

/**
 * A value of which not everything can be shown: strings are cut at a space, `, ...` stands for what is left out, and what was
 * opened is closed. Character for character what Celery's `saferepr(value, maxLength)` gives.
 */
export function limitedRepr(value: unknown, { asTuple, maxLength }: ReprOptions): string {
  const ends: string[] = []
  let left = maxLength
  let text = ''
  for (const token of asTuple ? tupleTokens(value) : valueTokens(value, 0)) {
    if (token.kind === 'close') ends.pop()
    if (token.kind === 'open') ends.push(endOf(token.text, value))
    // Also what was about to be opened is closed: so does Celery.
    if (left <= 0) return `${text}, ...${ends.reverse().join('')}`
    const shown = shownText(token, left)
    text += shown
    left -= lengthOf(shown)
  }
  return text
}

function endOf(start: string, outermost: unknown): string {
  if (start === '(') return Array.isArray(outermost) && outermost.length === 1 ? ',)' : ')'
  return start === '[' ? ']' : '}'
}

function shownText(token: Token, left: number): string {
  if (token.kind === 'bytes') return bytesText(token.bytes, left)
  const { kind, text } = token
  if (kind === 'text') return truncated(text, left)
  return kind === 'quoted' ? `'${truncated(text, left).replaceAll("'", "\\'")}'` : text
}

/** Celery's `truncate()`: at the last space, where there is one. Counts code points, as Python does. */
function truncated(text: string, maxLength: number): string {
  if (text.length < maxLength || lengthOf(text) < maxLength) return text
  const start = Array.from(text.slice(0, 2 * maxLength))
    .slice(0, maxLength)
    .join('')
  const space = start.lastIndexOf(' ')
  return `${space < 0 ? start : start.slice(0, space)}...`
}

/** In code points. */
function lengthOf(text: string): number {
  let length = text.length
  for (let index = 0; index < text.length - 1; index += 1) {
    if (isPair(text, index)) length -= 1
  }
  return length
}

function isPair(text: string, index: number): boolean {
  const [first, second] = [text.charCodeAt(index), text.charCodeAt(index + 1)]
  return first >= 0xd800 && first < 0xdc00 && second >= 0xdc00 && second < 0xe000
}

function* tupleTokens(value: unknown): Generator<Token> {
  const items = Array.isArray(value) ? value : [value]
  yield { kind: 'open', text: '(' }
  yield* itemTokens(items, 1)
  yield { kind: 'close', text: items.length === 1 ? ',)' : ')' }
}

function* valueTokens(value: unknown, level: number): Generator<Token> {
  if (typeof value === 'string') yield { kind: 'quoted', text: value }
  else if (typeof value !== 'object' || value === null)
    yield { kind: 'text', text: leafText(value) }
  else if (Array.isArray(value)) yield* arrayTokens(value, level)
  else yield* objectTokens(value, level)
}

function* arrayTokens(items: readonly unknown[], level: number): Generator<Token> {
  if (level >= maxReprLevels) return yield { kind: 'text', text: '[...]' }
  yield { kind: 'open', text: '[' }
  yield* itemTokens(items, level + 1)
  yield { kind: 'close', text: ']' }
}

function* itemTokens(items: readonly unknown[], level: number): Generator<Token> {
  for (let index = 0; index < items.length; index += 1) {
    if (index > 0) yield { kind: 'separator', text: ', ' }
    yield* valueTokens(items[index], level)
  }
}

function* objectTokens(value: object, level: number): Generator<Token> {
  const replacement = replacementOf(value)
  if (replacement !== undefined) {
    if ('text' in replacement) yield { kind: 'text', text: replacement.text }
    else if ('bytes' in replacement) yield { kind: 'bytes', bytes: replacement.bytes }
    else yield* valueTokens(replacement.value, level)
    return
  }
  if (level >= maxReprLevels) return yield { kind: 'text', text: '{...}' }
  yield { kind: 'open', text: '{' }
  yield* memberTokens(value as Readonly<Record<string, unknown>>, level + 1) // Any object has keys.
  yield { kind: 'close', text: '}' }
}

function* memberTokens(record: Readonly<Record<string, unknown>>, level: number): Generator<Token> {
  let isFirst = true
  for (const key of Object.keys(record)) {
    const member = record[key]
    if (member === undefined) continue
    if (!isFirst) yield { kind: 'separator', text: ', ' }
    isFirst = false
    yield { kind: 'quoted', text: key }
    yield { kind: 'separator', text: ': ' }
    yield* valueTokens(member, level)
  }
}
