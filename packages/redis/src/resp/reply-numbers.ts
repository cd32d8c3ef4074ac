/** Numbers of RESP, from the bytes of a line. */
import { UnreadableReplyError } from './reply.ts'

/** Beyond this many digits a double may not hold the number. */
const safeDigits = 15
/** Making a number of its digits takes a time that grows with their square. */
const maxDigits = 4_096

/** An integer; bigint where a number would not be exact. */
export function integerOf(bytes: Buffer, start: number, end: number): number | bigint {
  const first = bytes[start]
  const isSigned = first === 0x2d || first === 0x2b
  const from = isSigned ? start + 1 : start
  if (from >= end || end - from > safeDigits) return longIntegerOf(bytes, start, end)
  let value = 0
  for (let at = from; at < end; at += 1) {
    const digit = (bytes[at] ?? 0) - 0x30
    if (digit < 0 || digit > 9) throw notANumber(bytes, start, end)
    value = value * 10 + digit
  }
  // Not -0, which is another value to some.
  return first === 0x2d && value !== 0 ? -value : value
}

/** A big number: always bigint. */
export function bigNumberOf(bytes: Buffer, start: number, end: number): bigint {
  const text = bytes.toString('latin1', start, end)
  if (text.length > maxDigits || !/^[+-]?\d+$/.test(text)) throw notANumber(bytes, start, end)
  return BigInt(text.startsWith('+') ? text.slice(1) : text)
}

/** A double, in Redis's spelling of what is not finite. */
export function doubleOf(bytes: Buffer, start: number, end: number): number {
  const text = bytes.toString('latin1', start, end)
  if (/^[+-]?\d+(\.\d*)?(e[+-]?\d+)?$/i.test(text)) return Number(text)
  if (text === 'inf') return Number.POSITIVE_INFINITY
  if (text === '-inf') return Number.NEGATIVE_INFINITY
  if (text === 'nan' || text === '-nan') return Number.NaN
  throw notANumber(bytes, start, end)
}

function longIntegerOf(bytes: Buffer, start: number, end: number): number | bigint {
  const value = bigNumberOf(bytes, start, end)
  const asNumber = Number(value)
  return Number.isSafeInteger(asNumber) ? asNumber : value
}

function notANumber(bytes: Buffer, start: number, end: number): UnreadableReplyError {
  const text = bytes.toString('latin1', start, Math.min(end, start + 40))
  return new UnreadableReplyError(
    `the server's answer has ${JSON.stringify(text)} where a number belongs`,
  )
}
