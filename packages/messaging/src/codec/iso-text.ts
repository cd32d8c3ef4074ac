/**
 * ISO 8601 as Python's `isoformat()` writes it: a date, a time with no fraction or 6 digits, and an
 * offset as `+05:30`, `+00:00` or (historic zones) `-05:50:36`. Read a little wider: `Z`, and a
 * fraction of 1 to 6 digits. Pure text; no clock, no time zone data.
 */

/** A day of the proleptic Gregorian calendar, years 1 to 9999 as in Python. */
export interface IsoDate {
  readonly year: number
  /** 1–12 */
  readonly month: number
  /** 1–31 */
  readonly day: number
}

/** A time of day, with or without its distance from UTC. */
export interface IsoTime {
  readonly hour: number
  readonly minute: number
  readonly second: number
  /** 0–999999 */
  readonly microsecond: number
  /** As written, e.g. `+05:30`; undefined when the time says nothing about its zone. */
  readonly offset: string | undefined
}

const datePattern = /^(\d{4})-(\d\d)-(\d\d)$/
const timePattern =
  /^(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,6}))?)?(Z|[+-](?:\d\d):(?:\d\d)(?::\d\d(?:\.\d{6})?)?)?$/

/** @returns undefined when the text is not a date, or no such day exists. */
export function readIsoDate(text: string): IsoDate | undefined {
  const match = datePattern.exec(text)
  if (match === null) return undefined
  const [year = 0, month = 0, day = 0] = match.slice(1).map(Number)
  const exists = year >= 1 && month >= 1 && month <= 12 && day >= 1 && day <= daysIn(year, month)
  return exists ? { year, month, day } : undefined
}

/** @returns undefined when the text is not a time of day. */
export function readIsoTime(text: string): IsoTime | undefined {
  const match = timePattern.exec(text)
  if (match === null) return undefined
  const [hour = 0, minute = 0, second = 0] = match.slice(1, 4).map((part) => Number(part ?? 0))
  const microsecond = Number((match[4] ?? '').padEnd(6, '0'))
  const offset = match[5]
  const exists = hour <= 23 && minute <= 59 && second <= 59
  return exists && isOffset(offset) ? { hour, minute, second, microsecond, offset } : undefined
}

/** Milliseconds that the time of day is ahead of UTC; 0 where it does not say. */
export function offsetMs(offset: string | undefined): number {
  if (offset === undefined || offset === 'Z') return 0
  const [hours = 0, minutes = 0, seconds = 0] = offset.slice(1).split(':').map(Number)
  const ms = ((hours * 60 + minutes) * 60 + seconds) * 1000
  return offset.startsWith('-') ? -ms : ms
}

function isOffset(offset: string | undefined): boolean {
  const dayMs = 24 * 60 * 60 * 1000
  return Math.abs(offsetMs(offset)) < dayMs && !/:[6-9]/.test(offset ?? '')
}

function daysIn(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28
  return [4, 6, 9, 11].includes(month) ? 30 : 31
}
