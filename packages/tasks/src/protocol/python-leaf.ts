import { isUtf8 } from 'node:buffer'
import { DateTime, Decimal, PlainDate, PlainTime, Uuid } from '@dashi/messaging'

/** What an object prints as: a text, bytes, or as another value. */
export type Replacement =
  | { readonly text: string }
  | { readonly bytes: Uint8Array }
  | { readonly value: unknown }

/** What is no object and no string, as Python's `str()` prints it. What JSON has no form for prints as its type. */
export function leafText(value: unknown): string {
  switch (typeof value) {
    case 'number':
      return Number.isSafeInteger(value) ? `${value}` : floatText(value)
    case 'boolean':
      return value ? 'True' : 'False'
    case 'bigint':
      return value.toString()
    case 'function':
    case 'symbol':
      return `<${typeof value}>`
    default:
      return 'None'
  }
}

/**
 * What to print for an object that is no plain record: special values as Python's `repr()` of what they become, objects that
 * say themselves how they travel as that. `undefined`: a record.
 */
export function replacementOf(value: object): Replacement | undefined {
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype === Object.prototype || prototype === null) return ownWord(value)
  if (value instanceof Uint8Array) return { bytes: value }
  const text = specialText(value)
  return text === undefined ? ownWord(value) : { text }
}

function specialText(value: object): string | undefined {
  if (value instanceof Date) return dateTimeText(value)
  if (value instanceof Decimal) return `Decimal('${value}')`
  if (value instanceof Uuid) return `UUID('${value}')`
  if (value instanceof PlainDate)
    return `datetime.date(${value.year}, ${value.month}, ${value.day})`
  if (value instanceof PlainTime) {
    return `datetime.time(${clockText(value)}${zoneText(value.offset)})`
  }
  if (value instanceof Map || value instanceof Set) return `<${value.constructor.name}>`
  return undefined
}

/** `__json__()` and `toJSON()`, as the JSON serializer calls them. What they throw is the serializer's to report. */
function ownWord(value: object): Replacement | undefined {
  if (!('__json__' in value || 'toJSON' in value)) return undefined
  const { __json__: kombus, toJSON: languages } = value as Readonly<Record<string, unknown>>
  const method = typeof kombus === 'function' ? kombus : languages
  if (typeof method !== 'function') return undefined
  try {
    const said: unknown = method.call(value, '')
    return said === value ? undefined : { value: said }
  } catch {
    return { text: `<Unrepresentable ${value.constructor.name}>` }
  }
}

/** Python's `repr()` of a float: an exponent below 1e-4 and from 1e16 on, of two digits at least. */
function floatText(value: number): string {
  if (Number.isNaN(value)) return 'nan'
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf'
  const [mantissa = '', exponentText = '0'] = value.toExponential().split('e')
  const exponent = Number(exponentText)
  if (exponent >= -4 && exponent < 16) {
    const text = String(value)
    return /[.e]/.test(text) ? text : `${text}.0`
  }
  const digits = String(Math.abs(exponent)).padStart(2, '0')
  return `${mantissa}e${exponent < 0 ? '-' : '+'}${digits}`
}

function dateTimeText(value: Date): string {
  const year = value.getUTCFullYear()
  // Python has no such date; the serializer says so.
  if (!(year >= 1 && year <= 9999)) return '<Invalid Date>'
  const written = value instanceof DateTime ? value : new DateTime(value.toISOString())
  const { date, time } = written
  const day = `${date.year}, ${date.month}, ${date.day}`
  return `datetime.datetime(${day}, ${clockText(time)}${zoneText(time.offset)})`
}

/** Hour and minute; second and microsecond unless they, and what follows, are 0. */
function clockText({ hour, minute, second, microsecond }: PlainTime): string {
  const parts = [hour, minute]
  if (second !== 0 || microsecond !== 0) parts.push(second)
  if (microsecond !== 0) parts.push(microsecond)
  return parts.join(', ')
}

function zoneText(offset: string | undefined): string {
  if (offset === undefined) return ''
  const [hours = 0, minutes = 0, seconds = 0] = offset.slice(1).split(':').map(Number)
  const total = ((hours * 60 + minutes) * 60 + seconds) * (offset.startsWith('-') ? -1 : 1)
  return `, tzinfo=${timezoneText(total)}`
}

/** A timedelta is normalized to days and positive seconds. */
function timezoneText(seconds: number): string {
  if (seconds === 0) return 'datetime.timezone.utc'
  const delta = seconds < 0 ? `days=-1, seconds=${seconds + 86_400}` : `seconds=${seconds}`
  return `datetime.timezone(datetime.timedelta(${delta}))`
}

/**
 * Text where it is UTF-8, otherwise hexadecimal.
 *
 * @param maxLength How many bytes to show.
 */
export function bytesText(bytes: Uint8Array, maxLength: number): string {
  const shown = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.byteLength, maxLength))
  const text = isUtf8(shown) ? shown.toString('utf8') : shown.toString('hex')
  return `b'${text}${bytes.byteLength > maxLength ? '...' : ''}'`
}
