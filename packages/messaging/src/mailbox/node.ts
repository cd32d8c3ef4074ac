/** One end of a mailbox: does what it is told, and answers. */
import type { Channel } from '../connection/channel.ts'
import { Consumer, type ConsumerCallback } from '../consumer.ts'
import type { Queue } from '../entity/queue.ts'
import { ChannelError, ConfigurationError, EncodeError } from '../errors.ts'
import type { Message } from '../message/message.ts'
import type { OperationOptions } from '../operation-options.ts'
import { Producer } from '../producer.ts'
import { adjustToMessage } from './clock-header.ts'
import { isFor, type MailboxCommand, type ReplyAddress, readCommand } from './command.ts'
import type { Mailbox } from './mailbox.ts'
import { nodeQueue, replyExchange } from './mailbox-entities.ts'
import { errorRepr } from './python-repr.ts'

/** Does one command. What it returns, or the promise of it, is the answer; what it throws is answered as `{ error }`. */
export type NodeHandler<State = unknown> = (
  state: State,
  kwargs: Readonly<Record<string, unknown>>,
) => unknown

/** Options of a node. */
export interface NodeOptions<State = unknown> {
  /** First argument of every handler. */
  readonly state?: State | undefined
  /** By the name of the command. */
  readonly handlers?: Readonly<Record<string, NodeHandler<State>>> | undefined
}

/** Options of `Node.listen`. */
export interface ListenOptions extends OperationOptions {
  /** Instead of doing what the commands say. Default: `handleMessage`. */
  readonly callback?: ConsumerCallback | undefined
  /** Default: one of its own. */
  readonly channel?: Channel | undefined
}

/**
 * A named listener of a mailbox. Made by `mailbox.node()`. Whatever goes wrong in it is answered or reported as a warning
 * of the connection, and ends nothing.
 *
 * @example
 * const node = mailbox.node('worker-1', { state: { count: 0 } })
 * node.handler('add', (state, { by }) => { state.count += Number(by); return state.count })
 * await using consumer = await node.listen()
 */
export class Node<State = unknown> implements AsyncDisposable {
  readonly mailbox: Mailbox
  readonly hostname: string
  /** First argument of every handler. */
  readonly state: State
  readonly #handlers: Map<string, NodeHandler<State>>
  readonly #consumers = new Set<Consumer>()

  constructor(mailbox: Mailbox, hostname: string, options: NodeOptions<State> = {}) {
    this.mailbox = mailbox
    this.hostname = hostname
    // Without the option, State is unknown, and undefined is one of its values.
    this.state = options.state as State
    this.#handlers = new Map(Object.entries(options.handlers ?? {}))
  }

  /** What it listens to. */
  get queue(): Queue {
    const { namespace, settings } = this.mailbox
    return nodeQueue(namespace, this.hostname, {
      ...settings,
      onDeclared: ({ consumerCount }) => this.#warnIfTaken(consumerCount),
    })
  }

  /** Registers a handler under the function's name, or another. @returns the function. */
  handler<Handler extends NodeHandler<State>>(handler: Handler): Handler
  handler<Handler extends NodeHandler<State>>(name: string, handler: Handler): Handler
  handler(first: string | NodeHandler<State>, second?: NodeHandler<State>): NodeHandler<State> {
    const handler = typeof first === 'string' ? second : first
    const name = typeof first === 'string' ? first : first.name
    if (typeof handler !== 'function' || name === '') throw noHandler(this.hostname)
    this.#handlers.set(name, handler)
    return handler
  }

  /** Starts listening. Resolves when commands arrive; goes on across reconnects until the consumer is closed. */
  async listen(options: ListenOptions = {}): Promise<Consumer> {
    const { callback, channel, signal } = options
    const { connection, settings } = this.mailbox
    const consumer = new Consumer(
      connection,
      {
        queues: [this.queue],
        noAck: true,
        accept: settings.accept,
        callbacks: [callback ?? ((body, message) => this.handleMessage(body, message))],
        onDecodeError: (_message, error) => connection.warn(error),
        onCallbackError: (_message, error) => connection.warn(error),
      },
      channel,
    )
    this.#consumers.add(consumer)
    await consumer.consume({ signal })
    return consumer
  }

  /** Does a command if it is for this node. Kombu's `handle_message`. @returns the answer, if it was. */
  async handleMessage(body: unknown, message?: Message): Promise<unknown> {
    if (message) adjustToMessage(this.mailbox.clock, message)
    const command = readCommand(body)
    if (!isFor(this.hostname, command, this.mailbox.settings.matchers)) return undefined
    return await this.dispatch(command)
  }

  /** Does a command and sends the answer if one is wanted. @returns the answer. */
  async dispatch(
    command: Pick<MailboxCommand, 'method' | 'arguments' | 'ticket' | 'reply_to'>,
  ): Promise<unknown> {
    const { method, arguments: kwargs, reply_to, ticket } = command
    const answer = await this.#answerOf(reply_to ? 'handleCall' : 'handleCast', method, kwargs)
    if (reply_to) await this.#replyOrError(answer, { address: reply_to, ticket })
    return answer
  }

  /** Calls the handler of a command. @throws what it throws; {ConfigurationError} `BAD_OPTION`: there is none. */
  async handle(method: string, kwargs: Readonly<Record<string, unknown>> = {}): Promise<unknown> {
    const handler = this.#handlers.get(method)
    if (handler) return await handler(this.state, kwargs)
    const names = [...this.#handlers.keys()].join(', ') || 'none'
    throw new ConfigurationError(
      'BAD_OPTION',
      `Node "${this.hostname}" has no handler "${method}". Its handlers: ${names}`,
    )
  }

  /** `handle()` for a command that wants a reply. */
  handleCall(method: string, kwargs?: Readonly<Record<string, unknown>>): Promise<unknown> {
    return this.handle(method, kwargs)
  }

  /** `handle()` for a command that wants none. */
  handleCast(method: string, kwargs?: Readonly<Record<string, unknown>>): Promise<unknown> {
    return this.handle(method, kwargs)
  }

  /** Sends `{ [hostname]: answer }`. Nobody waiting for it any more is no error. */
  async reply(answer: unknown, address: ReplyAddress, ticket?: string): Promise<void> {
    const { connection, clock, settings } = this.mailbox
    const { serializer } = settings
    await new Producer(connection).publish(
      { [this.hostname]: answer === undefined ? null : answer },
      {
        exchange: replyExchange(address.exchange),
        routingKey: address.routing_key,
        headers: { ticket: ticket ?? null, clock: clock.forward() },
        serializer,
        mandatory: false,
        retry: true,
        retryPolicy: { maxRetries: 3 },
      },
    )
  }

  /** Stops listening. */
  async close(options?: OperationOptions): Promise<void> {
    for (const consumer of this.#consumers) await consumer.close(options)
    this.#consumers.clear()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #answerOf(
    how: 'handleCall' | 'handleCast',
    method: string,
    kwargs: Readonly<Record<string, unknown>>,
  ): Promise<unknown> {
    try {
      return await this[how](method, kwargs)
    } catch (error) {
      if (how === 'handleCast') this.mailbox.connection.warn(error)
      return { error: errorRepr(error) }
    }
  }

  /** An answer that cannot be written is an error of the handler. */
  async #replyOrError(
    answer: unknown,
    to: { readonly address: ReplyAddress; readonly ticket: string | undefined },
  ): Promise<void> {
    try {
      await this.reply(answer, to.address, to.ticket)
    } catch (error) {
      if (!(error instanceof EncodeError)) throw error
      await this.reply({ error: errorRepr(error) }, to.address, to.ticket)
    }
  }

  #warnIfTaken(consumerCount: number): void {
    if (consumerCount === 0) return
    this.mailbox.connection.warn(
      new ChannelError(
        'RESOURCE_LOCKED',
        `Node "${this.hostname}" of mailbox "${this.mailbox.namespace}" is already running somewhere: commands reach only one of the two. Give each node its own hostname`,
      ),
    )
  }
}

function noHandler(hostname: string): ConfigurationError {
  return new ConfigurationError(
    'BAD_OPTION',
    `A handler of node "${hostname}" has to be a function with a name: node.handler('name', function)`,
  )
}
