/** Dates of task messages: ISO 8601 as Celery writes and reads it. Pure. */

/** 1 January of the year 1, and of the year 10000: the bounds of Python's datetime. */
const [firstMs, endMs] = [-62_135_596_800_000, 253_402_300_800_000] as const
const dayMs = 86_400_000

/**
 * A time as Python's `isoformat()` writes it, in UTC with its offset: `2026-11-22T04:39:17.467000+00:00`; without a fraction
 * when that is 0.
 *
 * @param timeMs Unix milliseconds.
 * @throws {RangeError} not a time, or not in the years 1 to 9999 that Python has.
 */
export function writeIsoDate(timeMs: number): string {
  if (!(timeMs >= firstMs && timeMs < endMs)) {
    throw new RangeError(
      `${timeMs} ms is no time in the years 1 to 9999, which Python's dates have`,
    )
  }
  const text = new Date(timeMs).toISOString()
  return text.endsWith('.000Z') ? `${text.slice(0, 19)}+00:00` : `${text.slice(0, 23)}000+00:00`
}

const calendarDay = /^(\d{4})(?:-(\d\d)-(\d\d)|(\d\d)(\d\d)|-(\d\d)$|$)/
const weekDay = /^(\d{4})(-?)W(\d\d)(?:\2(\d)|$)/
const yearDay = /^(\d{4})-?(\d{3})/
const clock = /^(\d\d)(?:(:?)(\d\d)(?:\2(\d\d)(?:[.,](\d+))?)?)?([Zz]|[+-]\d\d(?::?\d\d)?)?$/

/**
 * Unix milliseconds of a date in any ISO 8601 form that Celery accepts (dateutil's `isoparse`): days of a month, a week or a
 * year, with and without dashes and colons. What is below a millisecond is cut off. Without an offset it is UTC, whatever the
 * app's time zone is: so do Celery 5.2 and 5.6.
 *
 * @returns undefined when the text is no such date.
 */
export function readIsoDate(text: string): number | undefined {
  const day = readDay(text)
  if (day === undefined || day.timeMs === undefined) return undefined
  // Any one character separates day and time.
  const time = day.length === text.length ? midnight : readClock(text.slice(day.length + 1))
  if (time === undefined) return undefined
  const localMs = day.timeMs + time.dayMs
  return localMs >= firstMs && localMs < endMs ? localMs - time.zoneMs : undefined
}

interface Time {
  /** Since midnight. */
  readonly dayMs: number
  /** How far ahead of UTC. */
  readonly zoneMs: number
}

const midnight: Time = { dayMs: 0, zoneMs: 0 }

interface Day {
  readonly timeMs: number | undefined
  /** Characters it takes. */
  readonly length: number
}

function readDay(text: string): Day | undefined {
  const inMonth = calendarDay.exec(text)
  if (inMonth !== null) {
    const [whole, year, ...rest] = inMonth
    const [month = '1', day = '1'] = rest.filter((part) => part !== undefined)
    return { timeMs: dayOfMonth(Number(year), Number(month), Number(day)), length: whole.length }
  }
  const inWeek = weekDay.exec(text)
  if (inWeek !== null) {
    const [whole, year, , week, day = '1'] = inWeek
    return { timeMs: dayOfWeek(Number(year), Number(week), Number(day)), length: whole.length }
  }
  const inYear = yearDay.exec(text)
  if (inYear === null) return undefined
  const [whole, year, day] = inYear
  return { timeMs: dayOfYear(Number(year), Number(day)), length: whole.length }
}

function dayOfMonth(year: number, month: number, day: number): number | undefined {
  if (year < 1) return undefined
  const date = new Date(0)
  // Date.UTC() would take the years 0 to 99 for 1900 to 1999.
  const timeMs = date.setUTCFullYear(year, month - 1, day)
  // A day that does not exist has become one of another month.
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day ? timeMs : undefined
}

/** The week with 4 January is the first. */
function dayOfWeek(year: number, week: number, day: number): number | undefined {
  const fourth = dayOfMonth(year, 1, 4)
  if (fourth === undefined || week < 1 || week > 53 || day < 1 || day > 7) return undefined
  const monday = fourth - ((new Date(fourth).getUTCDay() + 6) % 7) * dayMs
  return monday + ((week - 1) * 7 + day - 1) * dayMs
}

function dayOfYear(year: number, day: number): number | undefined {
  const first = dayOfMonth(year, 1, 1)
  if (first === undefined || day < 1) return undefined
  const timeMs = first + (day - 1) * dayMs
  return new Date(timeMs).getUTCFullYear() === year ? timeMs : undefined
}

function readClock(text: string): Time | undefined {
  const match = clock.exec(text)
  if (match === null) return undefined
  const [, hours = '', , minutes = '0', seconds = '0', fraction = '', zone] = match
  const zoneMs = readZone(zone)
  const ms = Number(fraction.slice(0, 3).padEnd(3, '0'))
  const dayMs = timeOfDay([hours, minutes, seconds].map(Number), ms)
  return zoneMs === undefined || dayMs === undefined ? undefined : { dayMs, zoneMs }
}

function timeOfDay(
  [hour = 0, minute = 0, second = 0]: readonly number[],
  ms: number,
): number | undefined {
  const isMidnight = hour === 24 && minute === 0 && second === 0 && ms === 0
  if ((hour > 23 && !isMidnight) || minute > 59 || second > 59) return undefined
  return ((hour * 60 + minute) * 60 + second) * 1000 + ms
}

/** How far ahead of UTC. */
function readZone(zone: string | undefined): number | undefined {
  if (zone === undefined || zone === 'Z' || zone === 'z') return 0
  const [hours, minutes] = [Number(zone.slice(1, 3)), Number(zone.slice(3).replace(':', ''))]
  if (hours > 23 || minutes > 59) return undefined
  return (hours * 60 + minutes) * 60_000 * (zone.startsWith('-') ? -1 : 1)
}
