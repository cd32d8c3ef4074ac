import { DecodeError } from '../errors.ts'

const pattern = /^[+-]?(?:(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|inf(?:inity)?|s?nan\d*)$/i

/**
 * A decimal number as text, exact to the last digit: Python's `decimal.Decimal`. Frozen. It does no
 * arithmetic: give its text to the decimal library of your choice.
 *
 * ```ts
 * String(new Decimal('1.250')) // '1.250'
 * ```
 */
export class Decimal {
  /** As given: trailing zeros are significant. */
  readonly text: string

  /**
   * @param text digits with an optional sign, point and exponent, or `NaN`, `sNaN`, `Infinity`.
   * @throws DecodeError when it is not a decimal number.
   */
  constructor(text: string) {
    if (!pattern.test(text)) throw notDecimal(text)
    this.text = text
    Object.freeze(this)
  }

  /** The nearest double. */
  toNumber(): number {
    if (!/[in]/i.test(this.text)) return Number(this.text)
    if (/n\d*$/i.test(this.text)) return Number.NaN
    return this.text.startsWith('-') ? -Infinity : Infinity
  }

  toString(): string {
    return this.text
  }

  toJSON(): string {
    return this.text
  }
}

function notDecimal(text: string): DecodeError {
  const shown = text.length > 60 ? `${text.slice(0, 60)}…` : text
  return new DecodeError(
    'NOT_DECODABLE',
    `'${shown}' is not a decimal number. Write digits with an optional sign, point and exponent, e.g. '1.250'`,
  )
}
