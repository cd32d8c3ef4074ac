/**
 * The instant that clocks of a time zone show as a given date and time. Where they show it twice, the earlier one; where they
 * skip it, as if they had not been set.
 *
 * @param clockMs What the clocks show, as Unix milliseconds of the same date and time in UTC.
 * @param timezone IANA name, e.g. `Europe/Berlin`.
 * @throws {RangeError} no such time zone.
 */
export function instantInZone(clockMs: number, timezone: string): number {
  if (timezone === 'UTC') return clockMs
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: timezone,
    timeZoneName: 'longOffset',
  })
  // A day to either side, so that both offsets around a change are seen.
  const [before, after] = [-86_400_000, 86_400_000].map(
    (distance) => clockMs - offsetMs(format, clockMs + distance),
  )
  const candidates = [before, after].filter((instant) => instant !== undefined)
  const shown = candidates.filter((instant) => instant + offsetMs(format, instant) === clockMs)
  return Math.min(...(shown.length > 0 ? shown : candidates))
}

/** How far ahead of UTC its clocks are at an instant. */
function offsetMs(format: Intl.DateTimeFormat, instant: number): number {
  const name =
    format.formatToParts(instant).find(({ type }) => type === 'timeZoneName')?.value ?? ''
  const match = /([+-])(\d\d):(\d\d)(?::(\d\d))?/.exec(name)
  if (match === null) return 0
  const [, sign, hours, minutes, seconds] = match
  const total = (Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds ?? 0)
  return total * 1000 * (sign === '-' ? -1 : 1)
}
