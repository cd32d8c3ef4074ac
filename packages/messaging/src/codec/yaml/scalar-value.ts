import { DateTime } from '../date-time.ts'
import { maxIntegerDigits } from '../json-number.ts'
import { PlainDate } from '../plain-date.ts'

/** What the text of a scalar means under each of YAML 1.1's tags for scalars, as PyYAML has it. */
export const scalarValues: ReadonlyMap<string, (text: string) => unknown> = new Map<
  string,
  (text: string) => unknown
>([
  ['null', () => null],
  ['bool', readBoolean],
  ['int', readInteger],
  ['float', readFloat],
  ['binary', readBinary],
  ['timestamp', readTimestamp],
  ['str', (text) => text],
])

function readBoolean(text: string): boolean {
  const word = text.toLowerCase()
  if (['yes', 'true', 'on'].includes(word)) return true
  if (['no', 'false', 'off'].includes(word)) return false
  throw notA('bool', text)
}

/** Decimal, `0b1`, `0x1f`, `017`, or sixties as in `1:30`; with underscores anywhere. */
function readInteger(text: string): number | bigint {
  const [, sign, digits = ''] = /^([-+]?)(.*)$/s.exec(text.replaceAll('_', '')) ?? []
  const magnitude = readMagnitude(digits, text)
  const value = sign === '-' ? -magnitude : magnitude
  const number = Number(value)
  return Number.isSafeInteger(number) ? number : value
}

function readMagnitude(digits: string, text: string): bigint {
  if (/^(?:0b[01]+|0x[0-9a-f]+)$/i.test(digits)) return BigInt(digits.toLowerCase())
  if (/^0[0-7]*$/.test(digits)) return BigInt(`0o${digits}`)
  if (!/^[1-9][0-9]*(?::[0-9]+)*$/.test(digits)) throw notA('int', text)
  if (digits.length > maxIntegerDigits) {
    throw new RangeError(`it holds an integer of ${digits.length} digits, more than Python reads`)
  }
  return digits.split(':').reduce((sum, part) => sum * 60n + BigInt(part), 0n)
}

function readFloat(text: string): number {
  const [, sign, digits = ''] = /^([-+]?)(.*)$/s.exec(text.replaceAll('_', '').toLowerCase()) ?? []
  const magnitude = readPositive(digits, text)
  return sign === '-' ? -magnitude : magnitude
}

function readPositive(digits: string, text: string): number {
  if (digits === '.inf' || digits === 'inf') return Infinity
  if (digits === '.nan' || digits === 'nan') return Number.NaN
  const parts = digits.split(':')
  const areNumbers = parts.every((part) =>
    /^(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:e[-+]?[0-9]+)?$/.test(part),
  )
  if (!areNumbers) throw notA('float', text)
  return parts.reduce((sum, part) => sum * 60 + Number(part), 0)
}

/** Base64, in which line ends mean nothing. */
function readBinary(text: string): Uint8Array {
  const base64 = text.replace(/\s+/g, '')
  if (base64.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(base64)) throw notA('binary', text)
  return new Uint8Array(Buffer.from(base64, 'base64'))
}

const timestamp =
  /^(\d{4})-(\d\d?)-(\d\d?)(?:(?:[Tt]|[ \t]+)(\d\d?):(\d\d):(\d\d)(?:\.(\d*))?(?:[ \t]*(Z|[-+]\d\d?(?::\d\d)?))?)?$/

/** A date alone is one; a time without a zone is naive. What is below microseconds is dropped. */
function readTimestamp(text: string): PlainDate | Date {
  const match = timestamp.exec(text)
  if (match === null) throw notA('timestamp', text)
  const [, year, month = '', day = '', hour, minute, second, fraction = '', zone] = match
  const date = `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`
  if (hour === undefined) return new PlainDate(date)
  const microseconds = fraction.slice(0, 6).padEnd(6, '0')
  const clock = `${hour.padStart(2, '0')}:${minute}:${second}.${microseconds}`
  const value = new DateTime(`${date}T${clock}${zone === undefined ? '' : offsetOf(zone)}`)
  return value.isExactDate ? new Date(value.getTime()) : value
}

/** `+5` is `+05:00`. */
function offsetOf(zone: string): string {
  if (zone === 'Z') return zone
  const [hours = '', minutes = '00'] = zone.slice(1).split(':')
  return `${zone[0]}${hours.padStart(2, '0')}:${minutes}`
}

function notA(tag: string, text: string): RangeError {
  const shown = text.length > 60 ? `${text.slice(0, 60)}…` : text
  return new RangeError(`'${shown}' is no ${tag}`)
}
