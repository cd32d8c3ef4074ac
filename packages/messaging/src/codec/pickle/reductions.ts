import { DateTime } from '../date-time.ts'
import { Decimal } from '../decimal.ts'
import { PlainDate } from '../plain-date.ts'
import { PlainTime } from '../plain-time.ts'
import { Dict, Duration, GlobalReference, UnfinishedUuid, Zone } from './reference.ts'

/** Makes a value of what Python would call its class with. */
export type Reduction = (args: readonly unknown[]) => unknown

/**
 * What the values of a few types of Python say that they are made of: the only names that a pickle
 * may hold. Nothing is looked up and nothing is called but these functions of ours.
 */
export const reductions: ReadonlyMap<string, Reduction> = new Map<string, Reduction>([
  ['_codecs.encode', latin1Bytes],
  ['builtins.bytearray', bytesOf],
  ['builtins.bytes', bytesOf],
  ['builtins.frozenset', setOf],
  ['builtins.set', setOf],
  ['collections.OrderedDict', emptyDict],
  ['copyreg._reconstructor', reconstructed],
  ['datetime.date', dateOf],
  ['datetime.datetime', dateTimeOf],
  ['datetime.time', timeOf],
  ['datetime.timedelta', durationOf],
  ['datetime.timezone', zoneOf],
  ['decimal.Decimal', decimalOf],
  ['pytz._UTC', utc],
])

/** Names that may stand in a pickle as arguments of others. */
const argumentNames: ReadonlySet<string> = new Set(['builtins.object', 'uuid.UUID'])

export function isKnownGlobal(name: string): boolean {
  return reductions.has(name) || argumentNames.has(name)
}

/** Python's own names before version 3, which protocols 0 to 2 still use. */
const renamedModules: ReadonlyMap<string, string> = new Map([
  ['__builtin__', 'builtins'],
  ['copy_reg', 'copyreg'],
])

/** @returns the name that the tables here have it under. */
export function globalName(module: string, name: string): string {
  return `${renamedModules.get(module) ?? module}.${name}`
}

/** `_codecs.encode(text, 'latin1')`: how protocols without bytes write them. */
function latin1Bytes([text, charset]: readonly unknown[]): Uint8Array {
  if (typeof text !== 'string' || charset !== 'latin1' || /[^\0-\xff]/.test(text)) {
    throw new RangeError('it encodes text in another way than Latin-1')
  }
  return new Uint8Array(Buffer.from(text, 'latin1'))
}

function bytesOf([first, charset]: readonly unknown[]): Uint8Array {
  if (first === undefined) return new Uint8Array()
  if (first instanceof Uint8Array) return first
  return latin1Bytes([first, charset === 'latin-1' ? 'latin1' : charset])
}

function setOf([items = []]: readonly unknown[]): Set<unknown> {
  if (!Array.isArray(items)) throw new RangeError('it makes a set of what is no list')
  return new Set(items)
}

function emptyDict(args: readonly unknown[]): Dict {
  if (args.length > 0) throw new RangeError('it makes an OrderedDict in an unknown way')
  return new Dict()
}

/** How protocols 0 and 1 make an object that is filled later. */
function reconstructed([type, base, state]: readonly unknown[]): UnfinishedUuid {
  const isUuid = isGlobal(type, 'uuid.UUID') && isGlobal(base, 'builtins.object') && state === null
  if (!isUuid) throw new RangeError('it makes an object of an unknown class')
  return new UnfinishedUuid()
}

export function isGlobal(value: unknown, name: string): boolean {
  return value instanceof GlobalReference && value.name === name
}

function dateOf([packed]: readonly unknown[]): PlainDate {
  return new PlainDate(dateText(packedBytes(packed, 4)))
}

function timeOf([packed, zone]: readonly unknown[]): PlainTime {
  return new PlainTime(timeText(packedBytes(packed, 6), zone))
}

function dateTimeOf([packed, zone]: readonly unknown[]): Date {
  const bytes = packedBytes(packed, 10)
  const value = new DateTime(`${dateText(bytes)}T${timeText(bytes.subarray(4), zone)}`)
  return value.isExactDate ? new Date(value.getTime()) : value
}

function packedBytes(value: unknown, length: number): Uint8Array {
  if (value instanceof Uint8Array && value.length === length) return value
  throw new RangeError('it holds a date or time in an unknown form')
}

/** The highest bit of the month, or of the hour, tells apart times that a zone has twice. */
const foldBit = 0x80

function dateText([high = 0, low = 0, month = 0, day = 0]: Uint8Array): string {
  const year = String(high * 256 + low).padStart(4, '0')
  return `${year}-${twoDigits(month & ~foldBit)}-${twoDigits(day)}`
}

function timeText(bytes: Uint8Array, zone: unknown): string {
  const [hour = 0, minute = 0, second = 0, high = 0, middle = 0, low = 0] = bytes
  if (zone !== undefined && !(zone instanceof Zone)) {
    throw new RangeError('it holds a time in a zone that is none')
  }
  const clock = [hour & ~foldBit, minute, second].map(twoDigits).join(':')
  const fraction = String((high << 16) | (middle << 8) | low).padStart(6, '0')
  return `${clock}.${fraction}${zone?.offset ?? ''}`
}

function twoDigits(value: number): string {
  return String(value).padStart(2, '0')
}

function durationOf(args: readonly unknown[]): Duration {
  const isNumeric = args.length === 3 && args.every((part) => typeof part === 'number')
  if (!isNumeric) throw new RangeError('it holds a timedelta in an unknown form')
  const [days = 0, seconds = 0, microseconds = 0] = args
  return new Duration((days * 86_400 + seconds) * 1_000_000 + microseconds)
}

function zoneOf([duration]: readonly unknown[]): Zone {
  if (!(duration instanceof Duration)) throw new RangeError('it holds a zone that is none')
  const { microseconds } = duration
  const whole = Math.trunc(Math.abs(microseconds) / 1_000_000)
  const rest = Math.abs(microseconds) % 1_000_000
  const clock = [Math.trunc(whole / 3600), Math.trunc(whole / 60) % 60, whole % 60].map(twoDigits)
  const short = whole % 60 === 0 && rest === 0 ? clock.slice(0, 2) : clock
  const fraction = rest === 0 ? '' : `.${String(rest).padStart(6, '0')}`
  return new Zone(`${microseconds < 0 ? '-' : '+'}${short.join(':')}${fraction}`)
}

function utc(): Zone {
  return new Zone('+00:00')
}

function decimalOf([text]: readonly unknown[]): Decimal {
  if (typeof text !== 'string') throw new RangeError('it makes a Decimal of what is no text')
  return new Decimal(text)
}
