import type { Exchange, Queue, RetryPolicy } from '@dashi/messaging'

/** How one call is sent. Celery's options of `apply_async()`, times in milliseconds. */
export interface CallOptions {
  /** Keyword arguments, for tasks in Python or with `params`. */
  readonly kwargs?: Readonly<Record<string, unknown>>
  /** Default: a random UUID. */
  readonly taskId?: string
  /** Not before so many milliseconds from now. 0 is at once. */
  readonly countdownMs?: number
  /** Not before; instead of `countdownMs`. */
  readonly eta?: Date
  /**
   * Not after: a time, or milliseconds from now. A worker that meets it later revokes it; where no result is kept, the broker drops
   * it by itself if it can.
   */
  readonly expires?: Date | number
  readonly queue?: string | Queue
  readonly exchange?: string | Exchange
  readonly routingKey?: string
  /** 0 to 9 by convention; which end is urgent is the broker's: RabbitMQ the highest, Redis the lowest. */
  readonly priority?: number
  readonly serializer?: string
  readonly compression?: string
  readonly ignoreResult?: boolean
  readonly timeLimitMs?: number
  readonly softTimeLimitMs?: number
  /** Shown instead of the name. */
  readonly shadow?: string
  /** Added to the message's headers. */
  readonly headers?: Readonly<Record<string, unknown>>
  readonly retries?: number
  readonly rootId?: string
  readonly parentId?: string
  readonly groupId?: string
  readonly groupIndex?: number
  readonly link?: readonly unknown[]
  readonly linkError?: readonly unknown[]
  readonly chain?: readonly unknown[]
  readonly chord?: unknown
  readonly replyTo?: string
  readonly deliveryMode?: 'persistent' | 'transient'
  /** Try again when the connection fails on the way. Default true, as the app's `taskPublishRetry`. */
  readonly retry?: boolean
  readonly retryPolicy?: RetryPolicy
  /** Longest time until the broker has confirmed. Default: the connection's. */
  readonly timeoutMs?: number
  readonly signal?: AbortSignal
}
