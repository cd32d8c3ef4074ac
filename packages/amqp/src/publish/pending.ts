/** A message on its way to the broker, and the promise that its publisher holds. */
import type { OutgoingMessage } from '@dashi/messaging/transport'

/** One `publish()` that has not settled, or has and keeps its place. */
export interface Pending {
  readonly message: OutgoingMessage
  /** By `performance.now()`. */
  readonly deadlineAt: number
  readonly resolve: () => void
  readonly reject: (error: unknown) => void
  /** No queue took it: its confirm is still to come. */
  isReturned: boolean
  /** Its publisher has been told. */
  isSettled: boolean
}
