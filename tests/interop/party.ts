/** Somebody on one end of the matrix. */
import type { BodyKind, CompressionName } from './matrix.ts'
import type { Arrival } from './published.ts'
import type { Route } from './route.ts'

/** What is to be published. */
export interface Letter {
  readonly route: Route
  readonly body: BodyKind
  readonly compression: CompressionName
  /** Its header `x-cell`. */
  readonly mark: string
}

/** A message that arrived and could not be read. */
export interface UnreadableArrival {
  readonly mark: unknown
  readonly error: string
}

/** How many messages to wait for, and how long. */
export interface Collecting {
  readonly count: number
  readonly timeoutMs: number
}

/** A running consumer of several queues. */
export interface Inbox {
  /** Why a route's queue could not be consumed from. */
  readonly refusals: ReadonlyMap<Route, string>
  /** Acknowledges and returns what arrives, until there are `count` or the time is over. */
  collect(collecting: Collecting): Promise<readonly (Arrival | UnreadableArrival)[]>
  close(): Promise<void>
}

/** Somebody on one end, connected to one broker. */
export interface Party {
  /** Consumes. Resolves when a message that is published from now on arrives. */
  consume(routes: readonly Route[]): Promise<Inbox>
  /** Publishes in order. @returns for each letter why it was refused; `undefined`: it was not. */
  publish(letters: readonly Letter[]): Promise<readonly (string | undefined)[]>
}
