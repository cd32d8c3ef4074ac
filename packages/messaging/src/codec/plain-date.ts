import { DecodeError } from '../errors.ts'
import { readIsoDate } from './iso-text.ts'

/**
 * A day without a time or a zone: Python's `datetime.date`. Frozen.
 *
 * ```ts
 * new PlainDate('2024-01-02').day // 2
 * ```
 */
export class PlainDate {
  readonly year: number
  /** 1–12 */
  readonly month: number
  /** 1–31 */
  readonly day: number

  /**
   * @param text `YYYY-MM-DD`, years 0001 to 9999.
   * @throws DecodeError when there is no such day.
   */
  constructor(text: string) {
    const date = readIsoDate(text)
    if (date === undefined) throw notDate(text)
    this.year = date.year
    this.month = date.month
    this.day = date.day
    Object.freeze(this)
  }

  /** `YYYY-MM-DD` */
  toString(): string {
    const pad = (value: number, digits: number) => String(value).padStart(digits, '0')
    return `${pad(this.year, 4)}-${pad(this.month, 2)}-${pad(this.day, 2)}`
  }

  /** `YYYY-MM-DD` */
  toJSON(): string {
    return this.toString()
  }
}

function notDate(text: string): DecodeError {
  return new DecodeError(
    'NOT_DECODABLE',
    `'${text}' is not a date. Write it as YYYY-MM-DD, with a year from 0001 to 9999`,
  )
}
