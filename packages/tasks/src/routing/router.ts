import type { Queue } from '@dashi/messaging'
import type { CallOptions } from '../task/call-options.ts'

/** Where a call goes. */
export interface Destination {
  /** '' is the default exchange, which leads to the queue named by the routing key. */
  readonly exchange: string
  readonly routingKey: string
  /** Declared, with its exchange and binding, before the first call to it. `undefined`: the caller named an exchange. */
  readonly queue: Queue | undefined
  /** The call's options, completed by those of its route: priority, serializer, … */
  readonly options: CallOptions
}

/** A call that wants a destination. */
export interface RoutedCall {
  readonly task: string
  readonly args: readonly unknown[]
  readonly kwargs: Readonly<Record<string, unknown>>
  /** What the call and the task's own attributes say: they win over routes. */
  readonly options: CallOptions
}

/** Finds the destination of calls, and knows the queues. */
export interface Router {
  /** @throws {TaskError} `QUEUE_NOT_FOUND`. */
  destinationOf(call: RoutedCall): Destination
  /** The queues that a worker consumes: all configured ones, or the named ones (missing ones are made), without the excluded. */
  consumedQueues(selection?: {
    readonly queues?: readonly string[] | undefined
    readonly exclude?: readonly string[] | undefined
  }): readonly Queue[]
  /** A queue by name. @throws {TaskError} `QUEUE_NOT_FOUND` when it is not known and missing ones are not to be created. */
  queue(name: string): Queue
}
