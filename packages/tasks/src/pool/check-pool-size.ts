import { ImproperlyConfiguredError } from '../errors.ts'

/** @throws {ImproperlyConfiguredError} anything but a whole number of at least 1. */
export function checkPoolSize(size: number): number {
  if (Number.isSafeInteger(size) && size >= 1) return size
  throw new ImproperlyConfiguredError(
    `A pool runs at least one task at a time: its size must be a whole number from 1, not ${size}`,
  )
}
