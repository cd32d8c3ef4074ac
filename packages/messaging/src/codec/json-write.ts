import { EncodeError, reasonOf } from '../errors.ts'
import { maxIntegerDigits } from './json-number.ts'
import type { JsonType } from './json-type.ts'
import { pathText } from './value-path.ts'
import { builtInName, hasMethod, isPlainObject, nameOf } from './value-type.ts'

/** How special values are written. */
export interface JsonWriteOptions {
  /** In order of preference. */
  readonly types: readonly JsonType[]
  /** Levels of arrays and objects. */
  readonly maxDepth: number
}

/**
 * Writes any value that Kombu's JSON has a form for, compactly. Slower than `JSON.stringify`, which
 * does the plain ones.
 *
 * @throws EncodeError naming the place in the value, e.g. `$.args[3]`.
 */
export function writeJson(value: unknown, options: JsonWriteOptions): string {
  return new JsonWriter(options).write(value)
}

class JsonWriter {
  readonly #options: JsonWriteOptions
  readonly #path: (string | number)[] = []
  readonly #ancestors = new Set<object>()
  /** Keys repeat from record to record: each is quoted once. */
  readonly #members = new Map<string, string>()

  constructor(options: JsonWriteOptions) {
    this.#options = options
  }

  write(value: unknown): string {
    switch (typeof value) {
      case 'string':
        return stringText(value)
      case 'number':
        return numberText(value)
      case 'boolean':
        return value ? 'true' : 'false'
      case 'bigint':
        return this.#bigint(value)
      case 'undefined':
        return 'null'
      case 'object':
        return value === null ? 'null' : this.#object(value)
      default:
        throw this.#unsupported(value)
    }
  }

  #bigint(value: bigint): string {
    const digits = value.toString()
    if (digits.length <= maxIntegerDigits) return digits
    throw this.#error(`an integer of ${digits.length} digits; Python reads ${maxIntegerDigits}`)
  }

  #object(value: object): string {
    if (this.#ancestors.has(value)) throw this.#error('a circular reference')
    if (this.#ancestors.size >= this.#options.maxDepth) {
      throw this.#error(`a value nested deeper than ${this.#options.maxDepth} levels (maxDepth)`)
    }
    this.#ancestors.add(value)
    const json = Array.isArray(value) ? this.#array(value) : this.#nonArray(value)
    this.#ancestors.delete(value)
    return json
  }

  #nonArray(value: object): string {
    const replacement = this.#replacement(value)
    if (replacement !== undefined) return this.write(replacement.value)
    // Classes of the user count as records; what the language gives another name does not.
    if (!isPlainObject(value) && builtInName(value) !== 'Object') throw this.#unsupported(value)
    return this.#record(value as Readonly<Record<string, unknown>>) // Any object has keys.
  }

  /** Kombu's order: the object's own word first, then the known types. */
  #replacement(value: object): { readonly value: unknown } | undefined {
    try {
      if (hasMethod(value, '__json__')) return { value: value.__json__() }
      const type = isPlainObject(value) ? undefined : this.#typeOf(value)
      if (type !== undefined) return { value: enveloped(type, value) }
      if (hasMethod(value, 'toJSON')) {
        return { value: value.toJSON(String(this.#path.at(-1) ?? '')) }
      }
    } catch (error) {
      throw this.#error(`of type ${nameOf(value)}: ${reasonOf(error)}`, error)
    }
    return undefined
  }

  #typeOf(value: object): JsonType | undefined {
    return this.#options.types.find(
      (candidate) => value instanceof candidate.type && candidate.accepts?.(value) !== false,
    )
  }

  #array(array: readonly unknown[]): string {
    let json = '['
    for (let index = 0; index < array.length; index += 1) {
      if (index > 0) json += ','
      json += this.#at(index, array[index])
    }
    return `${json}]`
  }

  #record(record: Readonly<Record<string, unknown>>): string {
    let json = ''
    for (const key of Object.keys(record)) {
      const value = record[key]
      if (value !== undefined) json += this.#member(key) + this.#at(key, value)
    }
    // Every member begins with a comma.
    return `{${json.slice(1)}}`
  }

  #member(key: string): string {
    const known = this.#members.get(key)
    if (known !== undefined) return known
    if (key === '__proto__') throw this.#error("an object with the key '__proto__'")
    const member = `,${JSON.stringify(key)}:`
    this.#members.set(key, member)
    return member
  }

  #at(key: string | number, value: unknown): string {
    this.#path.push(key)
    const json = this.write(value)
    this.#path.pop()
    return json
  }

  #unsupported(value: unknown): EncodeError {
    const name = nameOf(value)
    const advice =
      conversions.get(name) ?? 'convert it, give its class a toJSON() method, or add a JsonType'
    return this.#error(`of type ${name}: ${advice}`)
  }

  #error(what: string, cause?: unknown): EncodeError {
    const message = `JSON has no form for the value at ${pathText(this.#path)}, ${what}`
    return new EncodeError('NOT_ENCODABLE', message, cause === undefined ? {} : { cause })
  }
}

/**
 * A double that is whole but not exact as an integer stays one to its reader: `9007199254740992.0`.
 */
function numberText(value: number): string {
  const text = String(value)
  return Number.isSafeInteger(value) || !/^-?\d+$/.test(text) ? text : `${text}.0`
}

const conversions: ReadonlyMap<string, string> = new Map([
  ['Map', 'convert it with Object.fromEntries(map)'],
  ['Set', 'convert it with [...set]'],
  ['ArrayBuffer', 'wrap it with new Uint8Array(buffer)'],
  ['function', 'leave it out'],
  ['symbol', 'leave it out'],
])

/** Printable ASCII needs no escape, and no call into the engine. */
function stringText(value: string): string {
  return /[^ !#-[\]-~]/.test(value) ? JSON.stringify(value) : `"${value}"`
}

function enveloped(type: JsonType, value: object): unknown {
  const encoded = type.encode(value)
  return type.marker === null ? encoded : { __type__: type.marker, __value__: encoded }
}
