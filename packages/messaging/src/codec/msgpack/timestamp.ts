import { DateTime, isoText } from '../date-time.ts'

/** Seconds since 1970 and nanoseconds after them: MessagePack's extension type -1. */
export interface Timestamp {
  readonly seconds: bigint
  /** 0 to 999,999,999 */
  readonly nanoseconds: number
}

/**
 * A `Date`, or a `DateTime` if it has microseconds. What is below them is dropped.
 *
 * @throws RangeError for an instant that neither can say.
 */
export function dateOf({ seconds, nanoseconds }: Timestamp): Date {
  if (nanoseconds > 999_999_999) {
    throw new RangeError(`a timestamp has ${nanoseconds} nanoseconds, more than a second`)
  }
  const date = new Date(Number(seconds) * 1000 + Math.floor(nanoseconds / 1_000_000))
  if (Number.isNaN(date.getTime())) {
    throw new RangeError(`a timestamp is ${seconds} seconds from 1970, beyond what a Date can say`)
  }
  const microseconds = Math.floor(nanoseconds / 1000)
  if (microseconds % 1000 === 0) return date
  const fraction = String(microseconds).padStart(6, '0')
  return new DateTime(`${isoText(date).slice(0, 19)}.${fraction}+00:00`)
}

/** @throws RangeError for an invalid date. */
export function timestampOf(date: Date): Timestamp {
  const ms = date.getTime()
  if (Number.isNaN(ms)) throw new RangeError('Invalid time value')
  const seconds = Math.floor(ms / 1000)
  const microseconds = date instanceof DateTime ? microsecondsOf(date) : 0
  return {
    seconds: BigInt(seconds),
    nanoseconds: (ms - seconds * 1000) * 1_000_000 + microseconds * 1000,
  }
}

/** Those below a millisecond, of the instant that it is now. */
function microsecondsOf(date: DateTime): number {
  return new DateTime(String(date)).time.microsecond % 1000
}
