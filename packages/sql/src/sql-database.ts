/**
 * The seam between a session and a database technology: what a session asks, as plain values.
 *
 * A technology answers many commands in one transaction. SQLite does it in a thread; a database
 * server would do it on a connection. Nothing here is about either.
 */
import type {
  Lease,
  MessagingError,
  Settlement,
  StoredBinding,
  StoredMessage,
  TakeRequest,
} from '@dashi/messaging/transport'

/** A queue to declare. */
export interface QueueRequest {
  readonly queue: string
  /** AMQP's queue arguments; `x-expires` is the database's to honour. */
  readonly queueArguments: Readonly<Record<string, unknown>>
  /** The queue goes when its session goes, however that ends. */
  readonly exclusive: boolean
}

/** A queue from which a session consumes no more. */
export interface LeaveRequest {
  readonly queue: string
  /** Whether it goes when no other session consumes from it. */
  readonly deleteIfLast: boolean
}

/** Bindings of a queue to forget. */
export interface UnbindQueueRequest {
  readonly queue: string
  readonly exchanges: readonly string[]
}

/** A message whose queues have been found. */
export interface RoutedMessage {
  readonly queues: readonly string[]
  readonly payload: string
  readonly priority: number
}

/** Messages to store if bindings are still what they were routed by. */
export interface RoutedRequest {
  readonly bindingVersion: number
  readonly messages: readonly RoutedMessage[]
}

/** Bindings, and the version of the table that they were read at. */
export interface FoundBindings {
  readonly bindingVersion: number
  readonly bindings: readonly StoredBinding[]
}

/** Which item of a plain queue goes out: the highest priority, and then the oldest; or the newest. */
export type ItemOrder = 'first' | 'last'

/** An item to add to a plain queue. */
export interface PushRequest {
  readonly queue: string
  readonly item: string | Uint8Array
  readonly priority: number
}

/** An item to take off a plain queue. */
export interface PopRequest {
  readonly queue: string
  readonly order: ItemOrder
}

/** What is waited for: a message in one of these queues, or an item in one of these plain queues. */
export interface WaitRequest {
  readonly of: 'messages' | 'items'
  readonly queues: readonly string[]
}

/** Every command, with what it takes and what it answers. Each is atomic by itself. */
export interface SqlCommands {
  readonly put: { readonly request: readonly StoredMessage[]; readonly result: undefined }
  /** Answers false, and stores nothing, when bindings have changed since `bindingVersion`. */
  readonly putRouted: { readonly request: RoutedRequest; readonly result: boolean }
  readonly take: { readonly request: TakeRequest; readonly result: readonly Lease[] }
  readonly settle: {
    readonly request: readonly Settlement[]
    readonly result: readonly boolean[]
  }
  readonly declareQueue: { readonly request: QueueRequest; readonly result: number }
  readonly inspectQueue: { readonly request: string; readonly result: number | undefined }
  readonly purgeQueue: { readonly request: string; readonly result: number }
  readonly ownsQueue: { readonly request: string; readonly result: boolean }
  /** Notes that this session consumes from a queue. */
  readonly joinQueue: { readonly request: string; readonly result: undefined }
  /** Answers whether the queue is gone. */
  readonly leaveQueue: { readonly request: LeaveRequest; readonly result: boolean }
  readonly deleteQueue: { readonly request: string; readonly result: number }
  readonly bind: { readonly request: StoredBinding; readonly result: undefined }
  readonly unbind: { readonly request: StoredBinding; readonly result: undefined }
  readonly lookup: { readonly request: string; readonly result: FoundBindings }
  readonly declareExchange: {
    readonly request: { readonly name: string; readonly type: string }
    readonly result: undefined
  }
  readonly exchangeType: { readonly request: string; readonly result: string | undefined }
  readonly removeExchange: { readonly request: string; readonly result: undefined }
  readonly unbindQueue: { readonly request: UnbindQueueRequest; readonly result: undefined }
  readonly pushItem: { readonly request: PushRequest; readonly result: undefined }
  readonly popItem: {
    readonly request: PopRequest
    readonly result: string | Uint8Array | undefined
  }
  readonly countItems: { readonly request: string; readonly result: number }
  readonly clearItems: { readonly request: string; readonly result: undefined }
}

/** The name of a command. */
export type SqlVerb = keyof SqlCommands

/** One command. */
export type SqlCommand = {
  readonly [Verb in SqlVerb]: {
    readonly verb: Verb
    readonly request: SqlCommands[Verb]['request']
  }
}[SqlVerb]

/** An open database on behalf of one session. Ends once. */
export interface SqlDatabase {
  /** Settles when the database has ended: with the error if it was lost. Never rejects. */
  readonly closed: Promise<MessagingError | undefined>
  /** Carries out a command; commands of one turn share a transaction. */
  execute<Verb extends SqlVerb>(
    verb: Verb,
    request: SqlCommands[Verb]['request'],
  ): Promise<SqlCommands[Verb]['result']>
  /** Resolves when one of the queues may have something, or the signal aborts. */
  wait(request: WaitRequest, signal: AbortSignal): Promise<void>
  /** Gives leases back, then ends. */
  close(): Promise<void>
  /** Ends at once. */
  destroy(error?: MessagingError): void
}
