import { DecodeError } from '../errors.ts'

/**
 * A UUID of any version: Python's `uuid.UUID`. Frozen.
 *
 * ```ts
 * String(new Uuid('550e8400e29b41d4a716446655440000')) // '550e8400-e29b-41d4-a716-446655440000'
 * ```
 */
export class Uuid {
  /** 32 hexadecimal digits, lower case. */
  readonly hex: string

  /**
   * @param text 32 hexadecimal digits in any case; dashes, braces and `urn:uuid:` are ignored, as
   *   Python does.
   * @throws DecodeError when it is not a UUID.
   */
  constructor(text: string) {
    const hex = text.replace(/^urn:uuid:|[{}-]/g, '').toLowerCase()
    if (!/^[0-9a-f]{32}$/.test(hex)) throw notUuid(text)
    this.hex = hex
    Object.freeze(this)
  }

  /** In the usual form, with dashes. */
  toString(): string {
    return this.hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
  }

  /** The same as {@link toString}. */
  toJSON(): string {
    return this.toString()
  }
}

function notUuid(text: string): DecodeError {
  const shown = text.length > 60 ? `${text.slice(0, 60)}…` : text
  return new DecodeError('NOT_DECODABLE', `'${shown}' is not a UUID. Write 32 hexadecimal digits`)
}
