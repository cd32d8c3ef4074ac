/**
 * Finds places in JSON text without rewriting it.
 *
 * Parsing and writing again would turn Python's `1.0` into `1`, round its big integers and stumble over
 * its `NaN`. What travels through here keeps every character.
 */

/** From the first character of a value to the one after its last. */
export interface Span {
  readonly start: number
  readonly end: number
}

/** The value that begins at or after `from`, or `undefined` when there is none, or it has no end. */
export function valueAt(text: string, from: number): Span | undefined {
  const start = skip(text, from, spaces)
  const first = text[start]
  if (first === undefined) return undefined
  if (first === '"') return closed(start, endOfString(text, start))
  if (first === '{' || first === '[') return closed(start, endOfNested(text, start))
  const end = skip(text, start, scalar)
  return end === start ? undefined : { start, end }
}

/** The value of a member of the object at `object`, the last one if there are several. */
export function memberOf(text: string, object: Span, name: string): Span | undefined {
  if (text[object.start] !== '{') return undefined
  let found: Span | undefined
  for (let at = object.start + 1; ; ) {
    const key = valueAt(text, skip(text, at, separators))
    if (key === undefined || key.end >= object.end || text[key.start] !== '"') return found
    const value = valueAt(text, skip(text, key.end, separators))
    if (value === undefined || value.end > object.end) return found
    if (unquoted(text, key) === name) found = value
    at = value.end
  }
}

/** The elements of the array at `array`. */
export function elementsOf(text: string, array: Span): readonly Span[] {
  const elements: Span[] = []
  if (text[array.start] !== '[') return elements
  for (let at = array.start + 1; ; ) {
    const element = valueAt(text, skip(text, at, separators))
    if (element === undefined || element.end >= array.end) return elements
    elements.push(element)
    at = element.end
  }
}

/** The text that a JSON string stands for; `undefined` when there is no string. */
export function unquoted(text: string, span: Span | undefined): string | undefined {
  if (span === undefined || text[span.start] !== '"') return undefined
  const value: unknown = parsed(text.slice(span.start, span.end))
  return typeof value === 'string' ? value : undefined
}

const spaces = /[ \t\r\n]*/y
const separators = /[ \t\r\n,:]*/y
const scalar = /[-+.\w]*/y
const nextInString = /["\\]/g
const nextStructural = /["{}[\]]/g

function closed(start: number, end: number | undefined): Span | undefined {
  return end === undefined ? undefined : { start, end }
}

function skip(text: string, from: number, characters: RegExp): number {
  return from + (matchAt(text, from, characters)?.[0].length ?? 0)
}

function endOfString(text: string, start: number): number | undefined {
  for (let at = start + 1; ; ) {
    const match = matchAt(text, at, nextInString)
    if (match === null) return undefined
    if (match[0] === '"') return match.index + 1
    at = match.index + 2
  }
}

function endOfNested(text: string, start: number): number | undefined {
  let depth = 0
  for (let at = start; ; ) {
    const match = matchAt(text, at, nextStructural)
    if (match === null) return undefined
    if (match[0] === '"') {
      const end = endOfString(text, match.index)
      if (end === undefined) return undefined
      at = end
      continue
    }
    depth += match[0] === '{' || match[0] === '[' ? 1 : -1
    at = match.index + 1
    if (depth === 0) return at
  }
}

function matchAt(text: string, from: number, pattern: RegExp): RegExpExecArray | null {
  // A copy, because lastIndex is state and the constants above are shared.
  const own = new RegExp(pattern)
  own.lastIndex = from
  return own.exec(text)
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // The only caller asks whether it is a string; what is no JSON is none.
    return undefined
  }
}
