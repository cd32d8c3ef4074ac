import { DateTime, isoText } from '../date-time.ts'
import { offsetMs } from '../iso-text.ts'
import type { PlainDate } from '../plain-date.ts'
import type { PlainTime } from '../plain-time.ts'

/** A date as Python packs it: year, month, day. */
export function packedDate({ year, month, day }: PlainDate): Uint8Array {
  return Uint8Array.of(year >> 8, year & 0xff, month, day)
}

/** A time of day as Python packs it: hour, minute, second, microsecond. */
export function packedTime({ hour, minute, second, microsecond }: PlainTime): Uint8Array {
  const [high, middle, low] = [microsecond >> 16, microsecond >> 8, microsecond]
  return Uint8Array.of(hour, minute, second, high, middle & 0xff, low & 0xff)
}

/**
 * The instant of a date, where it was written.
 *
 * @throws RangeError for an invalid date, or a year that Python's datetime does not have.
 */
export function writtenDateTime(date: Date): DateTime {
  return new DateTime(date instanceof DateTime ? String(date) : isoText(date))
}

/** Days, seconds and microseconds of a distance from UTC, as Python's timedelta has them. */
export function timedeltaOf(offset: string): readonly [number, number, number] {
  const microseconds = Math.round(offsetMs(offset) * 1000)
  const days = Math.floor(microseconds / 86_400_000_000)
  const rest = microseconds - days * 86_400_000_000
  return [days, Math.floor(rest / 1_000_000), rest % 1_000_000]
}
