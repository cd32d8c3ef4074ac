import { EncodeError, reasonOf } from '../errors.ts'
import { pathText } from './value-path.ts'
import { builtInName, hasMethod, isPlainObject, nameOf } from './value-type.ts'

/**
 * Where in a value its writer is: it finds circles, bounds the depth, and names the place of what
 * cannot be written.
 */
export class WritePlace {
  readonly #format: string
  readonly #maxDepth: number
  readonly #path: (string | number)[] = []
  readonly #ancestors = new Set<object>()

  /** @param format what errors call it. */
  constructor(format: string, maxDepth: number) {
    this.#format = format
    this.#maxDepth = maxDepth
  }

  /** To be followed by {@link leave}. @throws EncodeError for a circle, or too deep a value. */
  enter(value: object): void {
    if (this.#ancestors.has(value)) throw this.error('a circular reference')
    if (this.#ancestors.size >= this.#maxDepth) {
      throw this.error(`a value nested deeper than ${this.#maxDepth} levels (maxDepth)`)
    }
    this.#ancestors.add(value)
  }

  leave(value: object): void {
    this.#ancestors.delete(value)
  }

  /** Goes to a part of the value. To be followed by {@link pop}. */
  push(key: string | number): void {
    this.#path.push(key)
  }

  pop(): void {
    this.#path.pop()
  }

  /**
   * The members of an object as they are to be written: those that are undefined are left out.
   * Classes of the user count as records.
   *
   * @throws EncodeError for what the language gives another name, and for a `__proto__` key.
   */
  members(value: object): readonly (readonly [string, unknown])[] {
    if (!isPlainObject(value) && builtInName(value) !== 'Object') throw this.unsupported(value)
    const members = Object.entries(value).filter(([, member]) => member !== undefined)
    if (Object.hasOwn(value, '__proto__')) throw this.error("an object with the key '__proto__'")
    return members
  }

  /** What an object says that it is to be written as, if it says so. @throws EncodeError */
  replacement(value: object): { readonly value: unknown } | undefined {
    try {
      if (!hasMethod(value, 'toJSON')) return undefined
      return { value: value.toJSON(String(this.#path.at(-1) ?? '')) }
    } catch (error) {
      throw this.error(`of type ${nameOf(value)}: ${reasonOf(error)}`, error)
    }
  }

  unsupported(value: unknown): EncodeError {
    return this.error(`of type ${nameOf(value)}: convert it, or leave it out`)
  }

  error(what: string, cause?: unknown): EncodeError {
    return new EncodeError(
      'NOT_ENCODABLE',
      `${this.#format} has no form for the value at ${pathText(this.#path)}, ${what}`,
      cause === undefined ? {} : { cause },
    )
  }
}
