import { DecodeError } from '../errors.ts'
import { offsetMs } from './iso-text.ts'
import { PlainDate } from './plain-date.ts'
import { PlainTime } from './plain-time.ts'

/**
 * A `Date` that keeps what a `Date` cannot say: microseconds, the offset it was written with, or
 * that it had none. Python's `datetime` becomes one when a `Date` would lose something, so that it
 * goes back as it came.
 *
 * The instant of a time without an offset is taken as UTC.
 *
 * ```ts
 * const when = new DateTime('2024-01-02T03:04:05.678901+05:30')
 * when.toISOString() // '2024-01-01T21:34:05.678Z'
 * when.time.microsecond // 678901
 * ```
 */
export class DateTime extends Date {
  /** The day, where it was written. */
  readonly date: PlainDate
  /**
   * The time of day, where it was written. `time.offset` is undefined for Python's naive datetimes.
   */
  readonly time: PlainTime
  readonly #writtenMs: number

  /**
   * @param text `YYYY-MM-DDTHH:MM[:SS[.ffffff]]`, then nothing, `Z`, or `±HH:MM[:SS]`; or a date
   *   alone, which means midnight.
   * @throws DecodeError when there is no such instant.
   */
  constructor(text: string) {
    if (!/^.{10}$|^.{10}[T ]./.test(text)) throw notDateTime(text)
    const date = new PlainDate(text.slice(0, 10))
    const time = new PlainTime(text.slice(11) || '00:00')
    super(instantOf(date, time))
    this.date = date
    this.time = time
    this.#writtenMs = this.getTime()
  }

  /** Whether a plain `Date` holds all of it: UTC, and nothing below a millisecond. */
  get isExactDate(): boolean {
    return this.time.offset === '+00:00' && this.time.microsecond % 1000 === 0
  }

  /** As Python's `isoformat()`. After a setter has moved the instant: the new one, in UTC. */
  override toString(): string {
    return this.getTime() === this.#writtenMs ? `${this.date}T${this.time}` : isoText(this)
  }
}

/**
 * A `Date` as Python's `isoformat()` writes it: UTC as `+00:00`, a fraction of 6 digits or none.
 * Python before 3.11 reads no other form.
 *
 * @throws RangeError for an invalid date, or a year that Python's datetime does not have.
 */
export function isoText(date: Date): string {
  const text = date.toISOString()
  const year = date.getUTCFullYear()
  if (year < 1 || year > 9999) {
    throw new RangeError(`the year ${year} is outside 1 to 9999, the years of Python's datetime`)
  }
  const fraction = date.getUTCMilliseconds() === 0 ? '' : `${text.slice(19, 23)}000`
  return `${text.slice(0, 19)}${fraction}+00:00`
}

function instantOf({ year, month, day }: PlainDate, time: PlainTime): number {
  const { hour, minute, second, microsecond, offset } = time
  const date = new Date(0)
  // Date.UTC() would take the years 0 to 99 for 1900 to 1999.
  date.setUTCFullYear(year, month - 1, day)
  date.setUTCHours(hour, minute, second, Math.floor(microsecond / 1000))
  return date.getTime() - offsetMs(offset)
}

function notDateTime(text: string): DecodeError {
  return new DecodeError(
    'NOT_DECODABLE',
    `'${text}' is not a date and time. Write it as YYYY-MM-DDTHH:MM:SS, optionally with .ffffff and an offset such as +00:00`,
  )
}
