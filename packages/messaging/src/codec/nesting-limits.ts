import { ConfigurationError, DecodeError } from '../errors.ts'

/** Bounds of a body whose format has lists and objects. */
export interface NestingLimits {
  /** Levels of lists and objects, in reading and writing, 1 to 1000. Default: 512. */
  readonly maxDepth?: number
  /**
   * Lists and objects that may be read from one body: each takes more memory than the byte or two
   * that it may be written in. Default: 1,000,000.
   */
  readonly maxContainers?: number
}

/** Refuses lists and objects that are too many, or nested too deeply. */
export class NestingBounds {
  readonly #format: string
  readonly maxDepth: number
  readonly maxContainers: number

  /**
   * @param format what errors call it.
   * @throws ConfigurationError `BAD_OPTION`
   */
  constructor(format: string, { maxDepth = 512, maxContainers = 1_000_000 }: NestingLimits) {
    this.#format = format
    this.maxDepth = checkedLimit(`${format} limit maxDepth`, maxDepth, 1000)
    this.maxContainers = checkedLimit(`${format} limit maxContainers`, maxContainers)
  }

  /** @throws DecodeError `TOO_LARGE` */
  checkDepth(depth: number): void {
    if (depth <= this.maxDepth) return
    throw new DecodeError(
      'TOO_LARGE',
      `The ${this.#format} is nested deeper than ${this.maxDepth} levels (maxDepth). Raise the bound if the sender is trusted`,
    )
  }

  /** @throws DecodeError `TOO_LARGE` */
  checkContainers(count: number): void {
    if (count <= this.maxContainers) return
    throw new DecodeError(
      'TOO_LARGE',
      `The ${this.#format} holds more than ${this.maxContainers} lists and objects (maxContainers). Raise the bound if the sender is trusted`,
    )
  }
}

/**
 * @param name what errors call it.
 * @throws ConfigurationError `BAD_OPTION` for what is no integer from 1 to `highest`.
 */
export function checkedLimit(
  name: string,
  value: number,
  highest: number = Number.MAX_SAFE_INTEGER,
): number {
  if (Number.isInteger(value) && value >= 1 && value <= highest) return value
  throw new ConfigurationError(
    'BAD_OPTION',
    `The ${name} must be an integer from 1 to ${highest}, not ${value}`,
  )
}
