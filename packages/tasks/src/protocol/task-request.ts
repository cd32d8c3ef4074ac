/**
 * One call of a task, as a message carries it. What Celery calls the request.
 *
 * Times are Unix milliseconds. Source: Celery's message protocol, versions 1 and 2.
 */
export interface TaskRequest {
  readonly id: string
  /** Name of the task. */
  readonly task: string
  readonly args: readonly unknown[]
  readonly kwargs: Readonly<Record<string, unknown>>
  /** What follows: signatures as they came, not looked at. */
  readonly embed: TaskEmbed
  /** How often it was retried. */
  readonly retries: number
  /** Not before. */
  readonly etaMs: number | undefined
  /** Not after. */
  readonly expiresMs: number | undefined
  readonly timeLimitMs: TimeLimits
  readonly rootId: string
  readonly parentId: string | undefined
  readonly groupId: string | undefined
  readonly groupIndex: number | undefined
  /** Shown instead of the name. */
  readonly shadow: string | undefined
  /** As Python prints them, cut short: for logs and events. */
  readonly argsrepr: string
  readonly kwargsrepr: string
  /** The sender, `gen<pid>@<host>`. */
  readonly origin: string | undefined
  /** Language of the sender: `py`, `js`. */
  readonly lang: string | undefined
  /** `undefined`: the task decides. */
  readonly ignoreResult: boolean | undefined
  readonly replacedTaskNesting: number
  readonly stampedHeaders: readonly string[]
  readonly stamps: Readonly<Record<string, unknown>>
  /** What the sender added. */
  readonly headers: Readonly<Record<string, unknown>>
  /** Queue of the one who waits for the result; '' if nobody does. */
  readonly replyTo: string
  readonly correlationId: string
  readonly protocol: 1 | 2
}

/** The third part of a body. */
export interface TaskEmbed {
  readonly callbacks: readonly unknown[] | null
  readonly errbacks: readonly unknown[] | null
  /** Last one first. */
  readonly chain: readonly unknown[] | null
  readonly chord: unknown
}

/** How long it may run. `undefined`: as the task says. */
export interface TimeLimits {
  readonly hard: number | undefined
  readonly soft: number | undefined
}

/** Nothing follows. */
export const noEmbed: TaskEmbed = Object.freeze({
  callbacks: null,
  errbacks: null,
  chain: null,
  chord: null,
})
