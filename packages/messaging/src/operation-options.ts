/** Deadline and cancellation of one operation. Last argument of everything that waits. */
export interface OperationOptions {
  /** Aborting rejects the operation with `signal.reason`. */
  readonly signal?: AbortSignal | undefined
}
