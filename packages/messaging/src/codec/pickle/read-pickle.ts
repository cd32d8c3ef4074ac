import { DecodeError } from '../../errors.ts'
import type { NestingBounds } from '../nesting-limits.ts'
import { type SharedValueLimits, SharedValues } from '../shared-values.ts'
import { containerOpcodes } from './container-opcodes.ts'
import { code, type Opcode, PickleMachine } from './machine.ts'
import { objectOpcodes } from './object-opcodes.ts'
import { Dict, referenceName } from './reference.ts'
import { scalarOpcodes } from './scalar-opcodes.ts'
import { stackOpcodes } from './stack-opcodes.ts'

const stop = code('.')

/** By byte, because a look into a list is faster than into a map. */
const opcodes: readonly (Opcode | undefined)[] = Array.from(
  { length: 256 },
  (_, byte) =>
    scalarOpcodes.get(byte) ??
    containerOpcodes.get(byte) ??
    stackOpcodes.get(byte) ??
    objectOpcodes.get(byte),
)

/**
 * Reads a pickle of protocol 0 to 5 as data.
 *
 * @throws RangeError for bytes that are none; DecodeError for a name that is not known, a value that
 *   contains itself, and `TOO_LARGE`.
 */
export function readPickle(bytes: Uint8Array, bounds: NestingBounds): unknown {
  const machine = new PickleMachine(bytes, bounds)
  const { input } = machine
  for (let byte = input.byte(); byte !== stop; byte = input.byte()) {
    const opcode = opcodes[byte]
    if (opcode === undefined) throw new RangeError(`it holds the unknown instruction ${byte}`)
    opcode(machine)
  }
  const value = machine.pop()
  if (input.remaining > 0) throw new RangeError(`${input.remaining} more bytes come after its end`)
  return new Finisher({ format: 'pickle', bounds, bodyBytes: bytes.byteLength }).finish(value)
}

/** Makes the value without what only the reading needed. */
class Finisher {
  readonly #shared: SharedValues

  constructor(limits: SharedValueLimits) {
    this.#shared = new SharedValues(limits)
  }

  finish(value: unknown): unknown {
    if (Array.isArray(value)) return this.#shared.once(value, this.#list)
    if (value instanceof Dict) return this.#shared.once(value, this.#dict)
    if (value instanceof Set) return this.#shared.once(value, this.#set)
    const name = referenceName(value)
    if (name !== undefined) throw noValue(name)
    this.#shared.leaf()
    return value
  }

  readonly #list = (list: unknown[]): unknown[] => {
    for (let index = 0; index < list.length; index += 1) list[index] = this.finish(list[index])
    return list
  }

  readonly #set = (items: ReadonlySet<unknown>): Set<unknown> =>
    new Set(items.values().map((item) => this.finish(item)))

  /** An object where all keys are text, else a map. */
  readonly #dict = ({ items }: Dict): unknown => {
    for (let at = 0; at < items.length; at += 2) {
      if (typeof items[at] !== 'string') return this.#map(items)
    }
    return this.#object(items)
  }

  #object(items: readonly unknown[]): Record<string, unknown> {
    const object: Record<string, unknown> = {}
    for (let at = 0; at < items.length; at += 2) {
      const key = String(items[at])
      if (key === '__proto__') throw protoKey()
      object[key] = this.finish(items[at + 1])
    }
    return object
  }

  #map(items: readonly unknown[]): Map<unknown, unknown> {
    const map = new Map<unknown, unknown>()
    for (let at = 0; at < items.length; at += 2) {
      map.set(this.finish(items[at]), this.finish(items[at + 1]))
    }
    return map
  }
}

function noValue(name: string): DecodeError {
  return new DecodeError(
    'NOT_DECODABLE',
    `The pickle holds '${name}' as a value, which has no form here. Have the sender convert it`,
  )
}

function protoKey(): DecodeError {
  return new DecodeError(
    'NOT_DECODABLE',
    "The pickle holds a dict with the key '__proto__', which would change what objects in this process inherit when it is copied. It is refused; rename the key at the sender",
  )
}
