import { ConfigurationError, DecodeError } from '../errors.ts'

/** Bounds of reading and writing. */
export interface DepthLimits {
  /** Levels of lists and objects, 1 to 1000. Default: 512. */
  readonly maxDepth?: number
}

/** @throws ConfigurationError `BAD_OPTION` */
export function checkedMaxDepth(format: string, { maxDepth = 512 }: DepthLimits): number {
  if (Number.isInteger(maxDepth) && maxDepth >= 1 && maxDepth <= 1000) return maxDepth
  throw new ConfigurationError(
    'BAD_OPTION',
    `The ${format} limit maxDepth must be an integer from 1 to 1000, not ${maxDepth}`,
  )
}

/** A body is nested too deeply. */
export function tooDeep(format: string, maxDepth: number): DecodeError {
  return new DecodeError(
    'TOO_LARGE',
    `The ${format} is nested deeper than ${maxDepth} levels (maxDepth). Raise the bound if the sender is trusted`,
  )
}
