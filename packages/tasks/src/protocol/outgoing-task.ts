import type { TaskEmbed, TimeLimits } from './task-request.ts'

/** A call about to be sent. Times are Unix milliseconds. */
export interface OutgoingTask {
  readonly id: string
  readonly task: string
  readonly args: readonly unknown[]
  readonly kwargs: Readonly<Record<string, unknown>>
  readonly embed: TaskEmbed
  readonly retries: number
  readonly etaMs: number | undefined
  readonly expiresMs: number | undefined
  readonly timeLimitMs: TimeLimits
  readonly rootId: string
  readonly parentId: string | undefined
  readonly groupId: string | undefined
  readonly groupIndex: number | undefined
  readonly shadow: string | undefined
  /** `gen<pid>@<host>` of this process. */
  readonly origin: string
  /** `undefined` leaves it to the worker's task. */
  readonly ignoreResult: boolean | undefined
  readonly replacedTaskNesting: number
  readonly stampedHeaders: readonly string[] | undefined
  readonly stamps: Readonly<Record<string, unknown>>
  /** Added flat to the headers. */
  readonly headers: Readonly<Record<string, unknown>>
}

/** What is published for it. */
export interface TaskMessage {
  readonly headers: Readonly<Record<string, unknown>>
  readonly body: unknown
}
