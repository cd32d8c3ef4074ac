/** The phases of a supervised connection. Pure. */
import type { TransportConnection } from '../transport/transport.ts'

/** Exactly one of these at any time. */
export type ConnectionState =
  /** Nobody has asked for anything yet, or the first attempt was given up. */
  | { readonly phase: 'idle' }
  /** An attempt is under way. `attempt` counts since the last time it worked. */
  | { readonly phase: 'connecting'; readonly attempt: number }
  | {
      readonly phase: 'connected'
      readonly epoch: number
      readonly connection: TransportConnection
    }
  /** Closed by its owner. Final. */
  | { readonly phase: 'closed' }

/** What listeners of a connection are told. */
export interface ConnectionEvents {
  /** The broker accepted us; everything declared and consumed is in place again. */
  readonly connected: { readonly epoch: number; readonly url: string }
  /** The connection was lost. It is being brought back. */
  readonly disconnected: { readonly epoch: number; readonly error: Error }
  /** One attempt failed. */
  readonly attemptFailed: {
    readonly attempt: number
    readonly url: string
    readonly error: Error
    readonly retryMs: number
  }
  /** Something is wrong that ends nothing: a risky broker setting, a handler that threw, a quarantined message. */
  readonly warning: { readonly error: Error }
}
