import type { TaskRequest } from './task-request.ts'

/** A call about to be sent: a request, but for what only its delivery adds. */
export interface OutgoingTask
  extends Omit<
    TaskRequest,
    | 'argsrepr'
    | 'kwargsrepr'
    | 'lang'
    | 'origin'
    | 'stampedHeaders'
    | 'replyTo'
    | 'correlationId'
    | 'protocol'
  > {
  /** `gen<pid>@<host>` of this process. */
  readonly origin: string
  readonly stampedHeaders: readonly string[] | undefined
}

/** What is published for it. */
export interface TaskMessage {
  readonly headers: Readonly<Record<string, unknown>>
  readonly body: unknown
}
