import { DecodeError } from '../errors.ts'
import { readIsoTime } from './iso-text.ts'

/**
 * A time of day, to the microsecond, with or without an offset from UTC: Python's `datetime.time`.
 * Frozen.
 *
 * ```ts
 * new PlainTime('03:04:05.000006+00:00').microsecond // 6
 * ```
 */
export class PlainTime {
  readonly hour: number
  readonly minute: number
  readonly second: number
  /** 0–999999 */
  readonly microsecond: number
  /** As written, e.g. `+05:30`; undefined when the time says nothing about its zone. */
  readonly offset: string | undefined

  /**
   * @param text `HH:MM[:SS[.ffffff]]`, then nothing, `Z`, or `±HH:MM[:SS]`.
   * @throws DecodeError when it is not a time of day.
   */
  constructor(text: string) {
    const time = readIsoTime(text)
    if (time === undefined) throw notTime(text)
    this.hour = time.hour
    this.minute = time.minute
    this.second = time.second
    this.microsecond = time.microsecond
    this.offset = time.offset === 'Z' ? '+00:00' : time.offset
    Object.freeze(this)
  }

  /** As Python's `isoformat()`: `HH:MM:SS`, a fraction of 6 digits unless it is 0, the offset. */
  toString(): string {
    const [hour, minute, second] = [this.hour, this.minute, this.second].map((value) =>
      String(value).padStart(2, '0'),
    )
    const fraction = this.microsecond === 0 ? '' : `.${String(this.microsecond).padStart(6, '0')}`
    return `${hour}:${minute}:${second}${fraction}${this.offset ?? ''}`
  }

  /** The same as {@link toString}. */
  toJSON(): string {
    return this.toString()
  }
}

function notTime(text: string): DecodeError {
  return new DecodeError(
    'NOT_DECODABLE',
    `'${text}' is not a time of day. Write it as HH:MM:SS, optionally with .ffffff and an offset such as +00:00`,
  )
}
