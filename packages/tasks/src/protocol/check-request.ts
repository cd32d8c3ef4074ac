import { readIsoDate } from './iso-date.ts'
import { isRecord, MalformedError, nameOf, type RequestParts } from './request-parts.ts'
import { instantInZone } from './time-zone.ts'

/** Times that a message carries, read. */
export interface RequestTimes {
  readonly etaMs: number | undefined
  readonly expiresMs: number | undefined
}

const noTimes: RequestTimes = Object.freeze({ etaMs: undefined, expiresMs: undefined })

/**
 * Checks what must hold for a task to run: its names, the shape of its arguments and of what follows it, limits, counts and
 * dates. Little work for a message without the optional ones.
 *
 * @throws {MalformedError} the first thing that is wrong.
 */
export function checkRequest(parts: RequestParts, timezone: string): RequestTimes {
  const { fields } = parts
  checkNames(fields)
  checkArguments(parts)
  checkEmbed(parts.embed)
  checkLimits(fields['timelimit'])
  checkCount(fields, 'retries')
  checkCount(fields, 'group_index')
  const { eta, expires } = fields
  if (isUnset(eta) && isUnset(expires)) return noTimes
  const zone = parts.protocol === 1 && fields['utc'] === false ? timezone : 'UTC'
  return { etaMs: timeOf(eta, 'eta', zone), expiresMs: timeOf(expires, 'expires', zone) }
}

function checkNames({ id, task }: Readonly<Record<string, unknown>>): void {
  if (typeof task !== 'string' || task === '') {
    throw new MalformedError(`its task is ${nameOf(task)}, not the name of one`)
  }
  if (id === undefined || id === null || id === '') throw new MalformedError('it has no id')
  if (typeof id !== 'string') throw new MalformedError(`its id is ${nameOf(id)}, not a string`)
}

function checkArguments({ args, kwargs }: RequestParts): void {
  if (!Array.isArray(args)) {
    throw new MalformedError(`its positional arguments are ${nameOf(args)}, not an array`)
  }
  if (!isRecord(kwargs)) {
    throw new MalformedError(`its keyword arguments are ${nameOf(kwargs)}, not a mapping`)
  }
}

/** Null, and keys that are not known, are as good as nothing: so does Celery. */
function checkEmbed(embed: unknown): void {
  if (isUnset(embed)) return
  if (!isRecord(embed)) {
    throw new MalformedError(
      `the third element of its body is ${nameOf(embed)}, not a mapping of callbacks, errbacks, chain and chord`,
    )
  }
  for (const name of ['callbacks', 'errbacks', 'chain'] as const) {
    const value = embed[name]
    if (isUnset(value) || Array.isArray(value)) continue
    throw new MalformedError(`its ${name} are ${nameOf(value)}, not an array of signatures`)
  }
}

function checkLimits(limits: unknown): void {
  if (isUnset(limits)) return
  const isPair =
    Array.isArray(limits) && (limits.length === 2 || limits.length === 0) && limits.every(isLimit)
  if (isPair) return
  const shown = Array.isArray(limits) ? `an array of ${limits.length}` : nameOf(limits)
  throw new MalformedError(
    `its timelimit is ${shown}, not [hard, soft] with each a number of seconds or null`,
  )
}

function isLimit(limit: unknown): boolean {
  return isUnset(limit) || (typeof limit === 'number' && limit >= 0)
}

function checkCount(fields: Readonly<Record<string, unknown>>, name: string): void {
  const count = fields[name]
  if (isUnset(count) || (Number.isInteger(count) && Number(count) >= 0)) return
  const shown = typeof count === 'number' ? count : nameOf(count)
  throw new MalformedError(`its ${name} is ${shown}, not a whole number`)
}

/** A date object comes from AMQP's and pickle's own types. */
function timeOf(value: unknown, name: string, zone: string): number | undefined {
  if (isUnset(value) || value === '') return undefined
  if (value instanceof Date && !Number.isNaN(value.getTime())) return value.getTime()
  const timeMs = typeof value === 'string' ? readIsoDate(value) : undefined
  if (timeMs === undefined) {
    const shown = typeof value === 'string' ? `"${value.slice(0, 60)}"` : nameOf(value)
    throw new MalformedError(`its ${name} is ${shown}, not a date in ISO 8601`)
  }
  const isLocal = zone !== 'UTC' && !/(?:[Zz]|[+-]\d\d(?::?\d\d)?)$/.test(String(value).slice(10))
  return isLocal ? instantInZone(timeMs, zone) : timeMs
}

function isUnset(value: unknown): value is null | undefined {
  return value === null || value === undefined
}
