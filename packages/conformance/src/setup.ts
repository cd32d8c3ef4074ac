/** What the suite is told about a transport. */
import type { Connection, ConnectionOptions, Transport } from '@dashi/messaging'
import type { MessagingErrorCode } from '@dashi/messaging/transport'

/** Settings that some cases need to differ from the defaults. Every virtual transport has them. */
export interface TransportOverrides {
  /** Largest envelope in bytes. */
  readonly maxPayloadBytes?: number
}

/** A transport to be tested. */
export interface TransportSetup {
  /** Appears in the names of the tests. */
  readonly name: string
  /** Makes a transport to the broker under test: to the same broker at every call. */
  create(overrides?: TransportOverrides): Transport
  /** `core`: only what a first version must do. Default: everything. */
  readonly only?: 'core'
  /** How a child process reaches the same broker. Needed where `capabilities.leases` is true. */
  readonly process?: ProcessAccess
  /** What can be done to the broker. Without it, connections are cut on our side only. */
  readonly faults?: BrokerFaults
  /** What becomes of a dead letter whose exchange does not exist: its message stays in its queue (default), or the broker drops it. */
  readonly lettersWithoutExchange?: 'kept' | 'dropped'
  /** Transports that cannot connect, and what they have to say about it. */
  readonly unreachable?: readonly UnreachableTransport[]
  /** Puts bytes into a queue that no Dashi or Kombu wrote, behind the transport's back. */
  putForeign?(queue: string, bytes: Uint8Array): Promise<void>
}

/** `new Connection(url, { transportOptions })` in another process leads to the broker under test. */
export interface ProcessAccess {
  readonly url: string
  readonly transportOptions?: Readonly<Record<string, unknown>>
  /** Longest time until the messages of a killed process come back. */
  readonly recoveryMs: number
}

/** A transport that cannot connect. */
export interface UnreachableTransport {
  /** E.g. `a wrong password`. */
  readonly name: string
  /** A connection with these options, not connected yet. */
  open(options: ConnectionOptions): Connection | Promise<Connection>
  readonly code: MessagingErrorCode
  /** Time for `connect()` to say so. Default 2000. */
  readonly withinMs?: number
  /** Trying again cannot help, so a publish is told at once instead of after `connectTimeoutMs`. */
  readonly isHopeless?: boolean
}

/** What can be done to a broker. Each must leave it as it was, data included. */
export interface BrokerFaults {
  /** Cuts every connection from the broker's side. It goes on running. */
  cutConnections?(): Promise<void>
  /** Ends the broker as a power failure would, and starts it again on the same data. */
  readonly restart?: { kill(): Promise<void>; start(): Promise<void> }
  /** Makes the broker stop answering, connections open. @returns how it goes on. */
  freeze?(): Promise<() => Promise<void>>
  /** Ways in which the broker refuses to store. */
  readonly refusals?: readonly BrokerRefusal[]
}

/** A broker that does not store. */
export interface BrokerRefusal {
  /** E.g. `out of memory`. */
  readonly name: string
  /** @returns how it ends. */
  begin(): Promise<() => Promise<void>>
}
