/** Kombu's pidbox: commands to one, some or all processes of a kind, and their replies. */
import { randomBytes, randomUUID } from 'node:crypto'
import { hostname as ownHostname } from 'node:os'
import { threadId } from 'node:worker_threads'
import type { LamportClock } from '../clock/lamport-clock.ts'
import type { SupervisedConnection } from '../connection/supervised-connection.ts'
import type { Exchange } from '../entity/exchange.ts'
import { generateOid } from '../entity/oid.ts'
import type { Queue } from '../entity/queue.ts'
import { ConfigurationError } from '../errors.ts'
import type { OperationOptions } from '../operation-options.ts'
import { Producer } from '../producer.ts'
import { Collection } from './collection.ts'
import type { MailboxCommand } from './command.ts'
import {
  commandExchange,
  nodeQueue,
  replyExchange,
  replyExchangeName,
  replyQueue,
} from './mailbox-entities.ts'
import { type MailboxOptions, type MailboxSettings, mailboxSettings } from './mailbox-options.ts'
import { Node, type NodeOptions } from './node.ts'
import { ReplyInbox } from './reply-inbox.ts'
import type { MailboxReply, UnclaimedReplies } from './unclaimed-replies.ts'

/** Named arguments of a command. */
export type CommandArguments = Readonly<Record<string, unknown>>

/** Options of a command that wants replies. */
export interface CallOptions extends OperationOptions {
  /** Longest wait for replies, from sending the command. */
  readonly timeoutMs?: number | undefined
  /** Told of each reply as it comes. What it throws, the call throws. */
  readonly callback?: ((reply: MailboxReply) => void) | undefined
}

/** Options of a command to everybody that wants replies. */
export interface MultiCallOptions extends CallOptions {
  /** So many replies are enough. Default: whatever comes in time. */
  readonly limit?: number | undefined
}

/** Everything that can be said about a command. */
export interface BroadcastCommandOptions extends MultiCallOptions {
  /** Hostnames of the nodes that shall do it; with an empty list nothing is sent. Default: by `pattern`, or all. */
  readonly destination?: readonly string[] | string | undefined
  /** Wait for replies. Default `false`. */
  readonly reply?: boolean | undefined
  /** Nodes whose hostname fits shall do it. Not together with `destination`, which wins. */
  readonly pattern?: string | undefined
  /** How `pattern` is meant. Default `glob`. */
  readonly matcher?: string | undefined
  /** Default: the mailbox's. */
  readonly serializer?: string | undefined
}

/** How long a command without replies says it is good for. Kombu's default, and on the wire only: nodes do not look. */
const broadcastTimeoutMs = 1_000

/** For a call to named nodes: it ends sooner when all have answered. */
const callTimeoutMs = 10_000

/**
 * Sends commands to nodes that listen in other processes, whichever language they are written in.
 *
 * A command is sent even if nobody listens. Many calls at a time share one reply queue, which is there only while
 * calls are under way. Source: kombu/pidbox.py.
 *
 * @example
 * const mailbox = new Mailbox('shop', { type: 'fanout', connection })
 * const node = mailbox.node('till-1', { handlers: { ping: () => 'pong' } })
 * await node.listen()
 * await mailbox.multiCall('ping', {}, { timeoutMs: 500 }) // [{ 'till-1': 'pong' }]
 */
export class Mailbox {
  readonly namespace: string
  readonly settings: MailboxSettings
  /** Where commands go. */
  readonly exchange: Exchange
  /** Where replies go. */
  readonly replyExchange: Exchange
  /** Name of this object among all callers, and of its reply queue. */
  readonly oid: string = generateOid({
    nodeId: BigInt(`0x${randomBytes(6).toString('hex')}`),
    processId: process.pid,
    threadId,
    instance: BigInt(`0x${randomBytes(8).toString('hex')}`),
  })
  #inbox: ReplyInbox | undefined

  /** @throws {ConfigurationError} `BAD_OPTION`. */
  constructor(namespace: string, options: MailboxOptions = {}) {
    this.namespace = namespace
    this.settings = mailboxSettings(namespace, options)
    this.exchange = commandExchange(namespace, this.settings.type)
    this.replyExchange = replyExchange(replyExchangeName(namespace))
  }

  /** The same mailbox on a connection. Kombu's `mailbox(connection)`. */
  bind(connection: SupervisedConnection): Mailbox {
    return new Mailbox(this.namespace, { ...this.settings, connection })
  }

  get clock(): LamportClock {
    return this.settings.clock
  }

  /** @throws {ConfigurationError} `BAD_OPTION`: it has none. */
  get connection(): SupervisedConnection {
    const { connection } = this.settings
    if (connection) return connection
    throw new ConfigurationError(
      'BAD_OPTION',
      `Mailbox "${this.namespace}" has no connection. Make it with the option "connection", or use mailbox.bind(connection)`,
    )
  }

  /** The queue that replies to this object come to. */
  get replyQueue(): Queue {
    return replyQueue(this.namespace, this.oid, this.settings)
  }

  /** The queue that a node of that name listens to. */
  nodeQueue(hostname: string): Queue {
    return nodeQueue(this.namespace, hostname, this.settings)
  }

  /** Replies that came after their call had ended, while others were under way. */
  get unclaimed(): UnclaimedReplies {
    return this.#replies().unclaimed
  }

  /** A node of this mailbox. Starts with `listen()`. @param hostname Default: the machine's. */
  node<State = unknown>(
    hostname: string = ownHostname(),
    options: NodeOptions<State> = {},
  ): Node<State> {
    return new Node(this, hostname, options)
  }

  /**
   * Has named nodes do something, and waits for all of them, at most `timeoutMs` (default 10 000).
   *
   * @returns a reply per node that answered in time: `{ [hostname]: value }`, or `{ [hostname]: { error: … } }`.
   */
  // biome-ignore lint/complexity/useMaxParams: Kombu's arguments
  call(
    destination: readonly string[] | string,
    command: string,
    kwargs: CommandArguments = {},
    options: CallOptions = {},
  ): Promise<readonly MailboxReply[]> {
    return this.broadcast(command, kwargs, {
      timeoutMs: callTimeoutMs,
      ...options,
      destination,
      reply: true,
    })
  }

  /** Has named nodes do something, and does not wait for it. */
  async cast(
    destination: readonly string[] | string,
    command: string,
    kwargs: CommandArguments = {},
  ): Promise<void> {
    await this.broadcast(command, kwargs, { destination })
  }

  /** Has all nodes do something, and does not wait for it. */
  async abcast(command: string, kwargs: CommandArguments = {}): Promise<void> {
    await this.broadcast(command, kwargs)
  }

  /** Has all nodes do something, and waits for replies until `limit`, at most `timeoutMs` (default 1000). */
  multiCall(
    command: string,
    kwargs: CommandArguments = {},
    options: MultiCallOptions = {},
  ): Promise<readonly MailboxReply[]> {
    return this.broadcast(command, kwargs, { ...options, reply: true })
  }

  /**
   * The general form of the four others.
   *
   * @returns the replies; none without `reply`.
   * @throws {ConnectionError} {PublishError}: it could not be sent. That nobody listens is no error.
   */
  async broadcast(
    command: string,
    kwargs: CommandArguments = {},
    options: BroadcastCommandOptions = {},
  ): Promise<readonly MailboxReply[]> {
    const destination = hostnames(options.destination)
    // On the wire an empty list means everybody.
    if (destination?.length === 0) return []
    const request: MailboxCommand = {
      method: command,
      arguments: kwargs,
      destination,
      pattern: options.pattern ?? null,
      matcher: options.matcher ?? (options.pattern === undefined ? null : 'glob'),
    }
    if (options.reply) return await this.#ask(request, options)
    await this.#send(request, options)
    return []
  }

  async #ask(
    command: MailboxCommand,
    options: BroadcastCommandOptions,
  ): Promise<readonly MailboxReply[]> {
    const { timeoutMs = broadcastTimeoutMs, callback, signal } = options
    const limit = options.limit ?? command.destination?.length
    const collection = new Collection({ timeoutMs, limit, callback, signal })
    const inbox = this.#replies()
    const ticket = randomUUID()
    const reply_to = { exchange: this.replyExchange.name, routing_key: this.oid }
    inbox.expect(ticket, (reply) => collection.add(reply))
    try {
      await inbox.open({ signal })
      await this.#send({ ...command, ticket, reply_to }, options)
      return await collection.wait()
    } finally {
      inbox.forget(ticket)
      await inbox.close()
    }
  }

  async #send(command: MailboxCommand, options: BroadcastCommandOptions): Promise<void> {
    const { timeoutMs = broadcastTimeoutMs, serializer = this.settings.serializer } = options
    const { connection, exchange, clock } = this
    await new Producer(connection).publish(command, {
      // By name, as Kombu does: the command is then persistent although the exchange is not.
      exchange: exchange.name,
      declare: [exchange],
      headers: { clock: clock.forward(), expires: (Date.now() + timeoutMs) / 1000 },
      serializer,
      mandatory: false,
      retry: true,
      retryPolicy: { maxRetries: 3, signal: options.signal },
    })
  }

  #replies(): ReplyInbox {
    this.#inbox ??= new ReplyInbox(this.connection, this.replyQueue, this.settings)
    return this.#inbox
  }
}

function hostnames(destination: readonly string[] | string | undefined): readonly string[] | null {
  if (destination === undefined) return null
  return typeof destination === 'string' ? [destination] : destination
}
