/**
 * The virtual door: what a transport implements when its broker has queues and nothing else.
 *
 * `virtualTransport(store)` adds exchanges, routing, prefetch, `multiple`, dead letters, expiry and
 * quarantine. The store moves opaque texts: it never parses a payload.
 */
import type { MessagingError } from '../errors.ts'
import type { Capabilities } from '../transport/capabilities.ts'
import type { BrokerAddress, ConnectOptions } from '../transport/transport.ts'

/** A broker that has queues. A value: holds options, no connection. */
export interface QueueStore {
  readonly name: string
  readonly capabilities: Capabilities
  readonly address: BrokerAddress
  /** Largest payload that `put` accepts, in bytes. */
  readonly maxPayloadBytes: number
  /**
   * Opens a session and proves that it works.
   *
   * @throws {ConnectionError} `CONNECTION_REFUSED`, `ACCESS_REFUSED`.
   */
  open(options: ConnectOptions): Promise<StoreSession>
}

/** A message to append. */
export interface StoredMessage {
  readonly queue: string
  /** The wire envelope. */
  readonly payload: string
  /** 0–255; what it means is the store's (`capabilities.priorities`). */
  readonly priority: number
}

/** A message to route by the store itself, in the same round trip as the append. */
export interface RoutableMessage {
  readonly exchange: string
  readonly exchangeType: 'direct' | 'topic'
  readonly routingKey: string
  readonly payload: string
  readonly priority: number
}

/** A message taken. Held by this session until settled or until the session dies. */
export interface Lease {
  readonly queue: string
  readonly payload: Uint8Array | string
  /** Fresh per delivery; the only key of settling. Empty for `noAck`. */
  readonly token: string
}

/** What to take. */
export interface TakeRequest {
  /** Where to look, in this order. */
  readonly queues: readonly string[]
  /** At most so many messages, all queues together. */
  readonly limit: number
  /** Remove instead of lease. */
  readonly noAck: boolean
}

/** How a lease ends. `requeue` and `release` carry the payload to put back. */
export type Settlement =
  | { readonly outcome: 'done'; readonly token: string; readonly queue: string }
  | {
      /** `requeue`: by a handler's wish; `release`: by a consumer that goes away, next to be delivered. */
      readonly outcome: 'requeue' | 'release'
      readonly token: string
      readonly queue: string
      /** Bytes when a foreign item goes back as it came. */
      readonly payload: Uint8Array | string
      readonly priority: number
    }

/** A queue bound to an exchange, as the shared table holds it. */
export interface StoredBinding {
  readonly exchange: string
  readonly exchangeType: string
  readonly queue: string
  readonly routingKey: string
  readonly arguments: Readonly<Record<string, unknown>>
}

/** Where bindings live when other processes must see them. */
export interface BindingTable {
  bind(binding: StoredBinding): Promise<void>
  unbind(binding: StoredBinding): Promise<void>
  /** Every binding of an exchange, whoever made it. */
  lookup(exchange: string): Promise<readonly StoredBinding[]>
  /** Remembers an exchange's type, where the table has a place for it. */
  declareExchange(name: string, type: string): Promise<void>
  /** The type as far as the table tells; `undefined` if it does not. */
  exchangeType(name: string): Promise<string | undefined>
  removeExchange(name: string): Promise<void>
  /** Forgets all bindings of a queue to the exchanges named. */
  removeQueue(queue: string, exchanges: readonly string[]): Promise<void>
}

/** A broadcast received. */
export interface BroadcastMessage {
  readonly exchange: string
  readonly payload: Uint8Array | string
}

/** Native broadcast, e.g. pub/sub. Without it a fanout exchange copies into every bound queue. */
export interface Broadcaster {
  /** Resolves with the number of receivers, where the broker tells; otherwise -1. */
  publish(exchange: string, routingKey: string, payload: string): Promise<number>
  /** Resolves when the broker has confirmed the subscription. */
  subscribe(
    exchange: string,
    bindingKey: string,
    onMessage: (message: BroadcastMessage) => void,
  ): Promise<BroadcastSubscription>
}

/** A running subscription. */
export interface BroadcastSubscription {
  cancel(): Promise<void>
}

/** Whose queue it is. */
export interface QueueOwnership {
  /** This session's alone: it goes when the session ends, or dies where the store can tell. */
  readonly exclusive: boolean
}

/** What becomes of a queue that a session leaves. */
export interface LeaveOptions {
  /** Whether it is deleted when no other session consumes from it. */
  readonly deleteIfLast: boolean
}

/** One living conversation with the broker. Ends once. All methods may be called concurrently. */
export interface StoreSession {
  /** Settles when the session has ended: with the error if it was lost. Never rejects. */
  readonly closed: Promise<MessagingError | undefined>
  /** Absent: bindings are local to each connection. */
  readonly bindings?: BindingTable
  readonly broadcaster?: Broadcaster
  /**
   * Makes the queue exist, where that means something. @returns messages waiting.
   *
   * An exclusive queue belongs to the session that declared it last: one that comes back must not be kept from its own queue
   * by what is left of its former connection.
   */
  declareQueue(
    queue: string,
    queueArguments: Readonly<Record<string, unknown>>,
    options?: QueueOwnership,
  ): Promise<number>
  /** Whether a queue declared exclusive is still this session's. Absent where the store cannot tell. */
  ownsQueue?(queue: string): Promise<boolean>
  /**
   * Notes that this session consumes from a queue that goes with its last consumer: until `leaveQueue()`, or until the session
   * has ended. Absent, as `leaveQueue`: sessions do not know of one another, and such a queue goes with the last consumer of any.
   */
  joinQueue?(queue: string): Promise<void>
  /**
   * Ends that. Looking for others and deleting are one step.
   *
   * @returns whether the queue is gone, with its messages and bindings.
   */
  leaveQueue?(queue: string, options: LeaveOptions): Promise<boolean>
  /** @returns messages waiting, or `undefined` if there is no such queue. */
  inspectQueue(queue: string): Promise<number | undefined>
  /** @returns messages removed. */
  purgeQueue(queue: string): Promise<number>
  /** @returns messages that went with it. */
  deleteQueue(queue: string): Promise<number>
  /**
   * Appends all or none, in order. Resolves when the broker has them.
   *
   * @throws {PublishError} `REFUSED` etc.: none is there; {OutcomeUnknownError}: all or none may be.
   */
  put(messages: readonly StoredMessage[]): Promise<void>
  /** Routes and appends in one round trip, where the store can. @returns queues reached, per message. */
  route?(messages: readonly RoutableMessage[]): Promise<readonly number[]>
  /** Takes and leases in one atomic step. Never waits for messages: empty when there are none. */
  take(request: TakeRequest): Promise<readonly Lease[]>
  /** Resolves when one of the queues may have a message, or the signal aborts. Takes nothing. May resolve early. */
  wait(queues: readonly string[], signal: AbortSignal): Promise<void>
  /** Ends leases, each only if still held. @returns per settlement whether it was. */
  settle(settlements: readonly Settlement[]): Promise<readonly boolean[]>
  close(): Promise<void>
  /** Ends at once, as a cut connection would. */
  destroy(error?: MessagingError): void
}
