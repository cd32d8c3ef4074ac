import type { Queue } from '@dashi/messaging'
import type { RoutedCall } from '../routing/router.ts'
import type { CallOptions } from '../task/call-options.ts'

/** A queue that workers consume and calls can name. */
export type QueueSetting =
  | Queue
  | {
      readonly name: string
      /** Default: `taskDefaultExchange`. */
      readonly exchange?: string
      /** Default: `taskDefaultExchangeType`. */
      readonly exchangeType?: string
      /** Default: `taskDefaultRoutingKey`. */
      readonly routingKey?: string
      readonly bindingKey?: string
      readonly queueArguments?: Readonly<Record<string, unknown>>
      readonly maxPriority?: number
    }

/** Options that a route gives to calls; a text names a queue. */
export type Route = string | Partial<CallOptions>

/** Decides for a call; `undefined` leaves it to the next. */
export type RouteFunction = (call: RoutedCall) => Route | undefined

/**
 * How calls find their queues: a table by name (`*` and `?` are wildcards), pairs in order (names, patterns or regular
 * expressions), a function, or a list of these. The first that answers wins.
 */
export type RouteSetting =
  | Readonly<Record<string, Route>>
  | RouteFunction
  | readonly (readonly [string | RegExp, Route] | RouteFunction | Readonly<Record<string, Route>>)[]
