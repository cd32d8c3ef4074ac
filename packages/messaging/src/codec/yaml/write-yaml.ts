import { reasonOf } from '../../errors.ts'
import { DateTime, isoText } from '../date-time.ts'
import { maxIntegerDigits } from '../json-number.ts'
import { PlainDate } from '../plain-date.ts'
import { WritePlace } from '../write-place.ts'
import { plainTag } from './plain-tag.ts'
import { textScalar } from './text-scalar.ts'

/**
 * Writes a value as a YAML 1.1 document in blocks, as PyYAML's `safe_dump` does.
 *
 * @throws EncodeError naming the place in the value, e.g. `$.args[3]`.
 */
export function writeYaml(value: unknown, maxDepth: number): string {
  return `${new YamlWriter(maxDepth).node(value, '').trimStart()}\n`
}

/** A key that is longer needs a `?` before it. PyYAML takes up to 1024 characters. */
const longestImplicitKey = 1000

class YamlWriter {
  readonly #place: WritePlace

  constructor(maxDepth: number) {
    this.#place = new WritePlace('YAML', maxDepth)
  }

  /**
   * What comes after a `key:` or a `-`: a space and a scalar, or lines.
   *
   * @param indent of the lines.
   */
  node(value: unknown, indent: string): string {
    const scalar = this.#scalar(value)
    if (scalar !== undefined) return ` ${scalar}`
    return this.#container(Object(value), indent)
  }

  /** @returns undefined for what has parts. */
  #scalar(value: unknown): string | undefined {
    switch (typeof value) {
      case 'string':
        return this.#text(value)
      case 'number':
        return numberText(value)
      case 'boolean':
        return value ? 'true' : 'false'
      case 'bigint':
        return this.#integer(value)
      case 'undefined':
        return 'null'
      case 'object':
        return value === null ? 'null' : this.#data(value)
      default:
        throw this.#place.unsupported(value)
    }
  }

  #text(text: string): string {
    if (text.isWellFormed()) return textScalar(text)
    throw this.#place.error('text with half a surrogate pair')
  }

  #integer(value: bigint): string {
    const digits = value.toString()
    if (digits.length <= maxIntegerDigits) return digits
    throw this.#place.error(
      `an integer of ${digits.length} digits; Python reads ${maxIntegerDigits}`,
    )
  }

  #data(value: object): string | undefined {
    if (value instanceof PlainDate) return String(value)
    if (value instanceof Date) return this.#timestamp(value)
    if (!(value instanceof Uint8Array)) return undefined
    const { buffer, byteOffset, byteLength } = value
    return `!!binary "${Buffer.from(buffer, byteOffset, byteLength).toString('base64')}"`
  }

  #timestamp(date: Date): string {
    const text = this.#isoText(date).replace('T', ' ')
    if (plainTag(text) === 'timestamp') return text
    throw this.#place.error('a date whose offset has seconds, which YAML would read as text')
  }

  #isoText(date: Date): string {
    try {
      return date instanceof DateTime ? String(date) : isoText(date)
    } catch (error) {
      throw this.#place.error(`of type Date: ${reasonOf(error)}`, error)
    }
  }

  #container(value: object, indent: string): string {
    this.#place.enter(value)
    const yaml = this.#parts(value, indent)
    this.#place.leave(value)
    return yaml
  }

  #parts(value: object, indent: string): string {
    const replacement = this.#place.replacement(value)
    if (replacement !== undefined) return this.node(replacement.value, indent)
    if (Array.isArray(value)) return this.#sequence(value, indent)
    if (value instanceof Set) return this.#set(value, indent)
    return this.#mapping(value instanceof Map ? value : this.#place.members(value), indent)
  }

  #sequence(items: readonly unknown[], indent: string): string {
    let yaml = ''
    for (let index = 0; index < items.length; index += 1) {
      const inner = `${indent}  `
      const item = this.#at(index, items[index], inner)
      // The first line of a container goes on the line of its sign.
      const isBlock = item.startsWith('\n')
      yaml += `\n${indent}-${isBlock ? ` ${item.slice(1 + inner.length)}` : item}`
    }
    return yaml || ' []'
  }

  #set(items: ReadonlySet<unknown>, indent: string): string {
    let yaml = ''
    for (const item of items) yaml += `\n${indent}${this.#key(item, indent)} null`
    return ` !!set${yaml || ' {}'}`
  }

  #mapping(entries: Iterable<readonly [unknown, unknown]>, indent: string): string {
    let yaml = ''
    for (const [key, value] of entries) {
      if (key === '__proto__') throw this.#place.error("a map with the key '__proto__'")
      const name = typeof key === 'object' ? 'key' : String(key)
      yaml += `\n${indent}${this.#key(key, indent)}${this.#at(name, value, `${indent}  `)}`
    }
    return yaml || ' {}'
  }

  /** With what comes before its value. */
  #key(key: unknown, indent: string): string {
    const text = this.#scalar(key)
    if (text === undefined)
      throw this.#place.error('in which a key or the item of a set is an object')
    return text.length <= longestImplicitKey ? `${text}:` : `? ${text}\n${indent}:`
  }

  #at(key: string | number, value: unknown, indent: string): string {
    this.#place.push(key)
    const yaml = this.node(value, indent)
    this.#place.pop()
    return yaml
  }
}

/** PyYAML takes a number for a float only if it has a point, and a sign in its exponent. */
function numberText(value: number): string {
  if (Number.isNaN(value)) return '.nan'
  if (!Number.isFinite(value)) return value > 0 ? '.inf' : '-.inf'
  if (Object.is(value, -0)) return '-0.0'
  const text = String(value)
  if (Number.isSafeInteger(value) || text.includes('.')) return text
  return text.includes('e') ? text.replace('e', '.0e') : `${text}.0`
}
