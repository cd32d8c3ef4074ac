import { DecodeError } from '../errors.ts'

/**
 * An integer with more digits is refused. Python's own bound,
 * `sys.int_info.default_max_str_digits`: no Python peer could read or write it, and parsing one
 * takes time that grows with the square.
 */
export const maxIntegerDigits = 4300

/** 2 ** 53 has 16 digits: a shorter integer is exact as a number. */
const exactDigits = 15

const zero = 0x30
const nine = 0x39
const point = 0x2e

/** What `JSON.parse` tells its reviver about a primitive. Missing from TypeScript's library. */
interface SourceContext {
  readonly source?: string
}

/** Second argument of `JSON.parse`. */
export type JsonReviver = (key: string, value: unknown, context?: SourceContext) => unknown

/**
 * Whether the text may hold an integer that a number cannot: 16 digits or more that are not a
 * fraction. Cheap, and sometimes wrong about digits inside strings, never the other way round.
 */
export function mayHoldLongInteger(text: string): boolean {
  // Sixteen digits in a row cover one of these positions, sixteen apart: the others need no look.
  for (let at = exactDigits; at < text.length; at += exactDigits + 1) {
    if (isDigitAt(text, at) && isLongInteger(text, at)) return true
  }
  return false
}

function isLongInteger(text: string, at: number): boolean {
  let start = at
  while (isDigitAt(text, start - 1)) start -= 1
  let end = at + 1
  while (isDigitAt(text, end)) end += 1
  return end - start > exactDigits && text.charCodeAt(start - 1) !== point
}

function isDigitAt(text: string, at: number): boolean {
  const code = text.charCodeAt(at)
  return code >= zero && code <= nine
}

/** A reviver that reads integers beyond 2 ** 53 as bigint, from their own digits. */
export const readLongIntegers: JsonReviver = (_key, value, context) => {
  if (typeof value !== 'number' || Number.isSafeInteger(value)) return value
  const source = context?.source ?? ''
  return /^-?\d+$/.test(source) ? toBigInt(source) : value
}

function toBigInt(source: string): bigint {
  const digits = source.replace('-', '').length
  if (digits <= maxIntegerDigits) return BigInt(source)
  throw new DecodeError(
    'TOO_LARGE',
    `The JSON holds an integer of ${digits} digits; ${maxIntegerDigits} are allowed. Send it as text`,
  )
}
