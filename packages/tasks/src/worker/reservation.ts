import type { Message } from '@dashi/messaging'
import type { TaskRequest } from '../protocol/task-request.ts'
import type { RegisteredTask } from '../task/registered-task.ts'

/** A message that was taken, and what it asks for. Settled exactly once, at its end. */
export interface Reservation {
  readonly message: Message
  readonly request: TaskRequest
  readonly task: RegisteredTask
  /** Results of what it has sent: `[[id, parent], null]` each. */
  readonly children: unknown[]
}
