import { DecodeError } from '../errors.ts'
import type { NestingBounds } from './nesting-limits.ts'

/**
 * As many values may be in a body, counted anew wherever they are referred to, or as many as it has
 * bytes. Without references it cannot have more.
 */
const maxReferredValues = 1_000_000

/** Bounds of a value whose parts may refer to each other. */
export interface SharedValueLimits {
  /** What errors call it. */
  readonly format: string
  readonly bounds: NestingBounds
  readonly bodyBytes: number
}

interface Measured {
  readonly value: unknown
  readonly levels: number
  readonly values: number
}

/**
 * Makes the value that a body means of what its reader built, part by part, innermost first. A part
 * that is referred to from several places is made once and stays one, as in Python; but what it
 * comes to when it is written out is bounded, because it can grow with every level.
 */
export class SharedValues {
  readonly #limits: SharedValueLimits
  readonly #maxValues: number
  readonly #done = new Map<object, Measured>()
  readonly #open = new Set<object>()
  #levels = 0
  #values = 0

  constructor(limits: SharedValueLimits) {
    this.#limits = limits
    this.#maxValues = Math.max(maxReferredValues, limits.bodyBytes)
  }

  /** Counts a value that has no parts. @throws DecodeError `TOO_LARGE` */
  leaf(count = 1): void {
    this.#values += count
    if (this.#values > this.#maxValues) throw this.#tooMany()
  }

  /**
   * What `make` returns for a part, which is called once for each. It makes the parts of the part.
   *
   * @throws DecodeError `TOO_LARGE`, or `NOT_DECODABLE` for a value that contains itself.
   */
  once<Part extends object>(part: Part, make: (part: Part) => unknown): unknown {
    const done = this.#done.get(part)
    if (done !== undefined) return this.#again(done)
    if (this.#open.has(part)) throw this.#circle()
    this.#limits.bounds.checkDepth(this.#open.size + 1)

    this.#open.add(part)
    const [levels, values] = [this.#levels, this.#values]
    this.#levels = 0
    this.leaf()
    const value = make(part)
    const measured = { value, levels: this.#levels + 1, values: this.#values - values }
    this.#levels = Math.max(levels, measured.levels)
    this.#open.delete(part)
    this.#done.set(part, measured)
    return value
  }

  #again({ value, levels, values }: Measured): unknown {
    this.leaf(values)
    this.#limits.bounds.checkDepth(this.#open.size + levels)
    this.#levels = Math.max(this.#levels, levels)
    return value
  }

  #tooMany(): DecodeError {
    return new DecodeError(
      'TOO_LARGE',
      `The ${this.#limits.format} of ${this.#limits.bodyBytes} bytes comes to more than ${this.#maxValues} values where it refers to the same ones again and again. It is refused; have the sender write them out, or send fewer`,
    )
  }

  #circle(): DecodeError {
    return new DecodeError(
      'NOT_DECODABLE',
      `The ${this.#limits.format} holds a value that contains itself, which is refused: most of what reads values would never end`,
    )
  }
}
