/** A loop around `drainEvents`, for programs written as one. */
import type { SupervisedConnection } from '../connection/supervised-connection.ts'
import { TimeoutError } from '../errors.ts'
import type { OperationOptions } from '../operation-options.ts'

/** Options of `eventloop`. */
export interface EventloopOptions extends OperationOptions {
  /** So many waits. Default: for ever. */
  readonly limit?: number | undefined
  /** Longest time of one wait. Default: until there is an event. */
  readonly timeoutMs?: number | undefined
  /** A wait in which nothing came does not end the loop. Default `false`. */
  readonly ignoreTimeouts?: boolean | undefined
}

/**
 * Waits for deliveries, again and again; yields after each. Handlers run when messages arrive, not in here.
 *
 * @throws {TimeoutError} nothing came within `timeoutMs`, unless `ignoreTimeouts`.
 * @example
 * for await (const _ of eventloop(connection, { timeoutMs: 1000, ignoreTimeouts: true })) await housekeeping()
 * @see kombu/common.py, eventloop
 */
export async function* eventloop(
  connection: SupervisedConnection,
  options: EventloopOptions = {},
): AsyncGenerator<void, void, void> {
  const { limit = Number.POSITIVE_INFINITY, timeoutMs, ignoreTimeouts = false, signal } = options
  for (let count = 0; count < limit; count += 1) {
    try {
      await connection.drainEvents({ timeoutMs, signal })
    } catch (error) {
      if (ignoreTimeouts && error instanceof TimeoutError) continue
      throw error
    }
    yield
  }
}
