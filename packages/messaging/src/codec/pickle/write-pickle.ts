import { reasonOf } from '../../errors.ts'
import { Decimal } from '../decimal.ts'
import { PlainDate } from '../plain-date.ts'
import { PlainTime } from '../plain-time.ts'
import { Uuid } from '../uuid.ts'
import { WritePlace } from '../write-place.ts'
import { InstructionWriter } from './instruction-writer.ts'
import { packedDate, packedTime, timedeltaOf, writtenDateTime } from './packed-time.ts'

/**
 * Writes a value as a pickle of protocol 4.
 *
 * @throws EncodeError naming the place in the value, e.g. `$.args[3]`.
 */
export function writePickle(value: unknown, maxDepth: number): Uint8Array {
  const pickle = new InstructionWriter()
  pickle.plain(0x80, 4)
  new PickleWriter(pickle, maxDepth).value(value)
  pickle.plain('.')
  return pickle.written()
}

class PickleWriter {
  readonly #pickle: InstructionWriter
  readonly #place: WritePlace

  constructor(pickle: InstructionWriter, maxDepth: number) {
    this.#pickle = pickle
    this.#place = new WritePlace('pickle', maxDepth)
  }

  value(value: unknown): void {
    switch (typeof value) {
      case 'string':
        this.#text(value)
        break
      case 'number':
        this.#pickle.number(value)
        break
      case 'bigint':
        this.#pickle.bigint(value)
        break
      case 'boolean':
        this.#pickle.plain(value ? 0x88 : 0x89)
        break
      case 'undefined':
        this.#pickle.plain('N')
        break
      case 'object':
        if (value === null) this.#pickle.plain('N')
        else if (!this.#writeData(value)) this.#container(value)
        break
      default:
        throw this.#place.unsupported(value)
    }
  }

  #text(text: string): void {
    if (!text.isWellFormed()) throw this.#place.error('text with half a surrogate pair')
    this.#pickle.text(text)
  }

  /** @returns false for what is none of the types that hold no other values. */
  #writeData(value: object): boolean {
    if (value instanceof Uint8Array) this.#pickle.bytes(value)
    else if (value instanceof Date) this.#dateTime(value)
    else if (value instanceof PlainDate) this.#date(value)
    else if (value instanceof PlainTime) this.#time(value)
    else if (value instanceof Decimal) this.#decimal(value)
    else if (value instanceof Uuid) this.#uuid(value)
    else return false
    return true
  }

  #dateTime(date: Date): void {
    const { date: day, time } = this.#written(date)
    this.#pickle.global('datetime', 'datetime')
    this.#pickle.bytes(Uint8Array.of(...packedDate(day), ...packedTime(time)))
    this.#callWithZone(time.offset)
  }

  #written(date: Date): ReturnType<typeof writtenDateTime> {
    try {
      return writtenDateTime(date)
    } catch (error) {
      throw this.#place.error(`of type Date: ${reasonOf(error)}`, error)
    }
  }

  #date(date: PlainDate): void {
    this.#pickle.global('datetime', 'date')
    this.#pickle.bytes(packedDate(date))
    this.#pickle.plain(0x85, 'R')
  }

  #time(time: PlainTime): void {
    this.#pickle.global('datetime', 'time')
    this.#pickle.bytes(packedTime(time))
    this.#callWithZone(time.offset)
  }

  /** Calls what is on the stack with the bytes after it, and a `timezone` if there is an offset. */
  #callWithZone(offset: string | undefined): void {
    if (offset !== undefined) {
      this.#pickle.global('datetime', 'timezone')
      this.#pickle.global('datetime', 'timedelta')
      for (const part of timedeltaOf(offset)) this.#pickle.number(part)
      this.#pickle.plain(0x87, 'R', 0x85, 'R')
    }
    this.#pickle.plain(offset === undefined ? 0x85 : 0x86, 'R')
  }

  #decimal({ text }: Decimal): void {
    this.#pickle.global('decimal', 'Decimal')
    this.#pickle.text(text)
    this.#pickle.plain(0x85, 'R')
  }

  /** An empty one, which is then told its number. */
  #uuid({ hex }: Uuid): void {
    this.#pickle.global('uuid', 'UUID')
    this.#pickle.plain(')', 0x81, '}')
    this.#pickle.text('int')
    this.#pickle.bigint(BigInt(`0x${hex}`))
    this.#pickle.plain('s', 'b')
  }

  #container(value: object): void {
    this.#place.enter(value)
    const isMap = value instanceof Map
    const replacement = this.#place.replacement(value)
    if (replacement !== undefined) this.value(replacement.value)
    else if (Array.isArray(value)) this.#list(value)
    else if (value instanceof Set) this.#set(value)
    else this.#dict(isMap ? value : new Map(this.#place.members(value)))
    this.#place.leave(value)
  }

  #list(items: readonly unknown[]): void {
    this.#pickle.plain(']', '(')
    for (let index = 0; index < items.length; index += 1) this.#at(index, items[index])
    this.#pickle.plain('e')
  }

  #set(items: ReadonlySet<unknown>): void {
    this.#pickle.plain(0x8f, '(')
    for (const item of items) this.#key(item)
    this.#pickle.plain(0x90)
  }

  #dict(items: ReadonlyMap<unknown, unknown>): void {
    this.#pickle.plain('}', '(')
    for (const [key, value] of items) {
      if (key === '__proto__') throw this.#place.error("a map with the key '__proto__'")
      this.#key(key)
      this.#at(typeof key === 'object' ? 'key' : String(key), value)
    }
    this.#pickle.plain('u')
  }

  #at(key: string | number, value: unknown): void {
    this.#place.push(key)
    this.value(value)
    this.#place.pop()
  }

  /** A value that Python can hash: arrays are tuples there, sets are frozen. */
  #key(key: unknown): void {
    if (Array.isArray(key)) this.#frozen(key, 't')
    else if (key instanceof Set) this.#frozen(key, 0x91)
    else if (typeof key !== 'object' || key === null) this.value(key)
    else if (!this.#writeData(key)) {
      throw this.#place.error('in which a key or the item of a set is an object')
    }
  }

  #frozen(items: readonly unknown[] | ReadonlySet<unknown>, instruction: string | number): void {
    this.#place.enter(items)
    this.#pickle.plain('(')
    for (const item of items) this.#key(item)
    this.#pickle.plain(instruction)
    this.#place.leave(items)
  }
}
