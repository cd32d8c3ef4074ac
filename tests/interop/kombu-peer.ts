/**
 * Kombu on the other end: the commands of `peers/kombu_peer.py`, with their types.
 *
 * Names in the arguments are Kombu's own; times are seconds.
 */
import { type DescribedError, type Peer, startPeer } from './peer.ts'

/** A decoded value: `python` (its `repr`) stands for what JSON cannot hold. */
export type DescribedValue =
  | { readonly json: unknown }
  | { readonly base64: string }
  | { readonly python: string }

/**
 * A body to publish: a JSON value (a text is a text), bytes, or a Python expression; `plain`: a JSON value in which
 * `{ base64 }` and `{ python }` stand for bytes and literals.
 */
export type PeerBody = DescribedValue | { readonly plain: unknown }

/** Arguments of `kombu.Exchange`. */
export interface PeerExchange {
  readonly name: string
  readonly type?: string
  readonly durable?: boolean
  readonly auto_delete?: boolean
  readonly delivery_mode?: number | string
  readonly arguments?: Readonly<Record<string, unknown>>
  readonly passive?: boolean
  readonly no_declare?: boolean
}

/** Arguments of `kombu.Queue`. */
export interface PeerQueue {
  readonly name?: string
  readonly exchange?: PeerExchange | string
  readonly routing_key?: string
  readonly bindings?: readonly {
    readonly exchange: PeerExchange | string
    readonly routing_key?: string
  }[]
  readonly durable?: boolean
  readonly exclusive?: boolean
  readonly auto_delete?: boolean
  readonly no_ack?: boolean
  readonly queue_arguments?: Readonly<Record<string, unknown>>
  readonly binding_arguments?: Readonly<Record<string, unknown>>
  readonly consumer_arguments?: Readonly<Record<string, unknown>>
  readonly no_declare?: boolean
  readonly expires?: number
  readonly message_ttl?: number
  readonly max_length?: number
  readonly max_priority?: number
}

/** Something to declare. */
export type PeerEntity = { readonly exchange: PeerExchange } | { readonly queue: PeerQueue }

/** A message that arrived there. */
export interface PeerMessage {
  /** Its name, for `ack`, `reject` and `requeue`. */
  readonly message: string
  /** Decoded; null when that failed, see `error`. */
  readonly body: DescribedValue | null
  /** The same, with `{ base64 }` and `{ python }` inside for what JSON cannot hold. */
  readonly value: unknown
  /** As it came, but decompressed: base64. */
  readonly raw: string | null
  readonly error: DescribedError | null
  readonly content_type: string | null
  readonly content_encoding: string | null
  readonly headers: Readonly<Record<string, unknown>>
  readonly properties: Readonly<Record<string, unknown>>
  readonly delivery_info: Readonly<Record<string, unknown>>
  readonly delivery_tag: string | number
  readonly redelivered: boolean
}

/** Arguments of `Producer.publish`; every other name is a property of the message. */
export interface PeerPublish {
  readonly connection: string
  readonly body: PeerBody
  /** As `Exchange` object or by name only. Default: the default exchange. */
  readonly exchange?: PeerExchange | string
  readonly routing_key?: string
  readonly declare?: readonly PeerEntity[]
  /** Arguments of the `Producer`: with `exchange` here, the one above is not used. */
  readonly producer?: Readonly<Record<string, unknown>> & { readonly exchange?: PeerExchange }
  /** How often. Default 1. */
  readonly count?: number
  readonly serializer?: string
  readonly compression?: string
  readonly content_type?: string
  readonly content_encoding?: string
  readonly headers?: Readonly<Record<string, unknown>>
  readonly priority?: number
  readonly expiration?: number
  readonly delivery_mode?: number
  readonly mandatory?: boolean
  readonly retry?: boolean
  readonly [property: string]: unknown
}

interface Consuming {
  readonly queues: readonly PeerQueue[]
  readonly no_ack?: boolean
  readonly accept?: readonly string[]
}

interface OnConnection {
  readonly connection: string
}

interface Binding extends OnConnection {
  readonly queue: PeerQueue
  readonly exchange: PeerExchange
  readonly routing_key?: string
  readonly arguments?: Readonly<Record<string, unknown>>
}

interface MailboxCommand {
  readonly mailbox: string
  readonly command: string
  readonly arguments?: Readonly<Record<string, unknown>>
}

/** Replies of a mailbox's nodes, each `{ [hostname]: value }`; null when none were asked for. */
interface Replies {
  readonly replies: readonly Readonly<Record<string, unknown>>[] | null
}

interface Command<Arguments extends object, Result = null> {
  readonly arguments: Arguments
  readonly result: Result
}

/** What `kombu_peer.py` can do. */
export type KombuCommands = {
  /** Versions of what is installed. */
  hello: Command<
    object,
    Readonly<Record<'kombu' | 'python' | 'amqp' | 'redis' | 'sqlalchemy', string | null>>
  >
  /** Opens a connection. With `connect: false` it is made, and opened by its first use. */
  connect: Command<
    {
      readonly url: string | readonly string[]
      readonly connect?: boolean
      readonly transport_options?: Readonly<Record<string, unknown>>
      readonly failover_strategy?: string
      readonly heartbeat?: number
      readonly connect_timeout?: number
      /** For transports that poll. Not a transport option: the one of SQL would refuse that. */
      readonly polling_interval?: number
    },
    { readonly connection: string; readonly uri: string }
  >
  /** Closes it in order; what it holds goes back. */
  close: Command<OnConnection>
  /** Lets it work for a time, e.g. to restore what others left behind. */
  drain: Command<OnConnection & { readonly timeout?: number }, { readonly events: number }>
  declare: Command<
    OnConnection & { readonly entities: readonly PeerEntity[] },
    { readonly names: readonly (string | null)[] }
  >
  bind: Command<Binding>
  unbind: Command<Binding>
  delete: Command<
    OnConnection & {
      readonly entity: PeerEntity
      readonly if_unused?: boolean
      readonly if_empty?: boolean
    }
  >
  purge: Command<OnConnection & { readonly queue: string }, { readonly removed: number }>
  /** Messages waiting, by a passive declaration. */
  qsize: Command<OnConnection & { readonly queue: string }, { readonly messages: number }>
  publish: Command<PeerPublish>
  /** Publishes in order; what one raises does not keep the next from it. */
  publish_all: Command<
    { readonly messages: readonly PeerPublish[] },
    { readonly errors: readonly (DescribedError | null)[] }
  >
  /** Begins to consume on a channel of its own. Answers when messages can arrive, a fanout's too. */
  subscribe: Command<
    OnConnection & Consuming & { readonly prefetch_count?: number },
    { readonly consumer: string }
  >
  /** Up to `count` (1) messages, fewer after `timeout` (5). They are held until settled, unless `acknowledge`. */
  receive: Command<
    {
      readonly consumer: string
      readonly count?: number
      readonly timeout?: number
      readonly acknowledge?: boolean
    },
    { readonly messages: readonly PeerMessage[] }
  >
  /** Takes no more messages; what it holds can still be settled. */
  pause: Command<{ readonly consumer: string }>
  resume: Command<{ readonly consumer: string }>
  /** Ends a consumer; what it holds goes back. */
  cancel: Command<{ readonly consumer: string }>
  /** Takes up to `count` (1) messages, acknowledges them, and stops. */
  consume: Command<
    OnConnection & Consuming & { readonly count?: number; readonly timeout?: number },
    { readonly messages: readonly PeerMessage[] }
  >
  /** `basic.get`; the message is held until it is settled. */
  get: Command<
    OnConnection & {
      readonly queue: PeerQueue
      readonly no_ack?: boolean
      readonly accept?: readonly string[]
    },
    { readonly message: PeerMessage | null }
  >
  ack: Command<{ readonly message: string; readonly multiple?: boolean }>
  reject: Command<{ readonly message: string; readonly requeue?: boolean }>
  requeue: Command<{ readonly message: string }>
  /** `buffer`: SimpleBuffer instead of SimpleQueue. Other names: arguments of `put`. */
  simple_put: Command<
    OnConnection & {
      readonly queue: string
      readonly body: PeerBody
      readonly buffer?: boolean
      readonly [option: string]: unknown
    }
  >
  /** Takes one message and acknowledges it. */
  simple_get: Command<
    OnConnection & {
      readonly queue: string
      readonly timeout?: number
      readonly buffer?: boolean
    },
    { readonly message: PeerMessage | null }
  >
  simple_qsize: Command<OnConnection & { readonly queue: string }, { readonly messages: number }>
  simple_clear: Command<OnConnection & { readonly queue: string }, { readonly removed: number }>
  /** A SimpleQueue, or with `buffer` a SimpleBuffer, that stays open. Other names: its arguments. */
  box_open: Command<
    OnConnection & {
      readonly queue: string
      readonly buffer?: boolean
      readonly queue_opts?: Readonly<Record<string, unknown>>
    },
    { readonly box: string }
  >
  box_put: Command<
    { readonly box: string; readonly body: PeerBody } & Readonly<Record<string, unknown>>
  >
  /** One message, held; null when there is none in time. Without `timeout`: `get_nowait()`. */
  box_get: Command<
    { readonly box: string; readonly timeout?: number },
    { readonly message: PeerMessage | null }
  >
  box_close: Command<{ readonly box: string }>
  /** The calling side of a mailbox. Other names: arguments of `Mailbox`. */
  mailbox: Command<
    OnConnection & {
      readonly namespace: string
      readonly type?: string
      readonly [option: string]: unknown
    },
    { readonly mailbox: string; readonly oid: string }
  >
  /** `Mailbox._broadcast`, of which the four below are forms. */
  broadcast: Command<
    MailboxCommand & {
      readonly destination?: readonly string[]
      readonly reply?: boolean
      readonly timeout?: number
      readonly limit?: number
      readonly pattern?: string
      readonly matcher?: string
    },
    Replies
  >
  cast: Command<MailboxCommand & { readonly destination: readonly string[] }>
  abcast: Command<MailboxCommand>
  call: Command<
    MailboxCommand & { readonly destination: readonly string[]; readonly timeout?: number },
    Replies
  >
  multi_call: Command<
    MailboxCommand & { readonly timeout?: number; readonly limit?: number },
    Replies
  >
  /** A mailbox's Lamport clock. */
  clock: Command<{ readonly mailbox: string }, { readonly value: number }>
  /**
   * A node that listens in the background. Its handlers: `ping()` → `'pong'`, `echo(**arguments)` →
   * arguments, `add(x, y)`, `fail(reason)` raises ValueError, `remember(**arguments)`, `recall()`.
   */
  node: Command<
    OnConnection & {
      readonly namespace: string
      readonly hostname: string
      readonly type?: string
      readonly [option: string]: unknown
    },
    { readonly node: string }
  >
  /** Waits for `count` (0) commands, at most `timeout` (5), and returns all since the last time. */
  node_log: Command<
    { readonly node: string; readonly count?: number; readonly timeout?: number },
    {
      readonly commands: readonly {
        readonly body: Readonly<Record<string, unknown>>
        readonly headers: Readonly<Record<string, unknown>>
        readonly properties: Readonly<Record<string, unknown>>
        /** Unix time in seconds. */
        readonly at: number
      }[]
    }
  >
  stop_node: Command<{ readonly node: string }>
}

/** A running `kombu_peer.py`. */
export type KombuPeer = Peer<KombuCommands>

/** Starts Kombu in the given interpreter. */
export function startKombuPeer(python: string): Promise<KombuPeer> {
  return startPeer<KombuCommands>({ python, program: 'kombu_peer.py' })
}
