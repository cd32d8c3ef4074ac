import { type JsonReviver, readLongIntegers } from './json-number.ts'

/** JSON text that `JSON.parse` accepts, with the reviver that makes it mean what was written. */
export interface StrictJson {
  readonly text: string
  readonly reviver: JsonReviver
}

/**
 * Python writes `NaN`, `Infinity` and `-Infinity`, which are not JSON. They become numbers here: an
 * infinity is a number too large for a double, NaN a number that the text does not hold otherwise.
 *
 * @returns undefined when the text holds no such word outside its strings.
 */
export function withoutNonFinite(text: string): StrictJson | undefined {
  const nan = absentNumber(text)
  const token = /"|NaN|Infinity/g
  const parts: string[] = []
  let copied = 0
  for (let match = token.exec(text); match !== null; match = token.exec(text)) {
    if (match[0] === '"') {
      token.lastIndex = endOfString(text, match.index)
      continue
    }
    // Spaces, so that it does not join with digits beside it: `1Infinity` stays an error.
    const number = match[0] === 'NaN' ? ` ${nan} ` : '1e999 '
    const isNegative = text[match.index - 1] === '-'
    parts.push(text.slice(copied, match.index), isNegative ? number : ` ${number}`)
    copied = token.lastIndex
  }
  if (copied === 0) return undefined
  parts.push(text.slice(copied))
  const reviver: JsonReviver = (key, value, context) =>
    context?.source === nan ? Number.NaN : readLongIntegers(key, value, context)
  return { text: parts.join(''), reviver }
}

/**
 * A way to write a number that does not occur in the text: `-0e`, and more zeros than follow it
 * anywhere.
 */
function absentNumber(text: string): string {
  let zeros = 0
  for (const [found] of text.matchAll(/-0e0*/g)) zeros = Math.max(zeros, found.length)
  return `-0e0${'0'.repeat(zeros)}`
}

/**
 * The position after the string that starts here; past the end of the text when it never closes.
 */
function endOfString(text: string, start: number): number {
  let end = text.indexOf('"', start + 1)
  while (end !== -1 && isEscaped(text, end)) end = text.indexOf('"', end + 1)
  return end === -1 ? text.length + 1 : end + 1
}

function isEscaped(text: string, at: number): boolean {
  let backslashes = 0
  while (text[at - backslashes - 1] === '\\') backslashes += 1
  return backslashes % 2 === 1
}
