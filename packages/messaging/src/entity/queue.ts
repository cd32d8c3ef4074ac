import { ConfigurationError } from '../errors.ts'
import type { OperationOptions } from '../operation-options.ts'
import { checkOptions, type OptionSpecs } from '../option-spec.ts'
import {
  Binding,
  type BindingDict,
  type BindOptions,
  bindingDeclaration,
  type DeclarationArguments,
} from './binding.ts'
import type {
  DeclaringChannel,
  DeleteOptions,
  QueueDeclaration,
  QueueStatus,
} from './declaration.ts'
import { Exchange, type ExchangeDict } from './exchange.ts'
import { type QueueLimits, queueArgumentsOf } from './queue-arguments.ts'
import { type QueueFromDictOptions, queueOptionsFromDict } from './queue-from-dict.ts'
import { stableText } from './stable-text.ts'

/** What a queue can be. */
export interface QueueOptions extends QueueLimits {
  /**
   * What it is bound to: an exchange, the name of a direct exchange, or several bindings. Default: the
   * default exchange, to which every queue is bound by its own name.
   */
  readonly exchange?: Exchange | string | readonly Binding[] | undefined
  /** Of the binding to `exchange`. Default `''`. */
  readonly routingKey?: string | undefined
  /** Bindings; if there are any, `exchange` is not used. */
  readonly bindings?: readonly Binding[] | undefined
  /** Survives a restart of the broker. Default `true`. */
  readonly durable?: boolean | undefined
  /** Of one connection only, and gone with it. Implies `autoDelete`. Default `false`. */
  readonly exclusive?: boolean | undefined
  /** Goes when its last consumer goes. Default `false`. */
  readonly autoDelete?: boolean | undefined
  /** Messages need no acknowledgement: taken is gone. Default `false`. */
  readonly noAck?: boolean | undefined
  /** Another name for the queue, for people. */
  readonly alias?: string | undefined
  /** More arguments of `queue.declare`, e.g. `x-queue-type`. The named limits win. */
  readonly queueArguments?: DeclarationArguments | undefined
  /** Arguments of the binding to `exchange`, e.g. `x-match`. */
  readonly bindingArguments?: DeclarationArguments | undefined
  /** Arguments of `basic.consume`, e.g. `x-priority`. */
  readonly consumerArguments?: DeclarationArguments | undefined
  /** Never declare: it is somebody else's. Default `false`. */
  readonly noDeclare?: boolean | undefined
  /** Called with the broker's answer each time the queue was declared. */
  readonly onDeclared?: ((status: QueueStatus) => void) | undefined
}

/** How to declare a queue alone. */
export interface DeclareQueueOptions extends OperationOptions {
  /** Only check that it is there. Default `false`. */
  readonly passive?: boolean | undefined
}

const count = { type: 'number', integer: true, min: 0 } as const

const specs: OptionSpecs = {
  exchange: ['object', 'string', 'array'],
  routingKey: 'string',
  bindings: 'array',
  durable: 'boolean',
  exclusive: 'boolean',
  autoDelete: 'boolean',
  noAck: 'boolean',
  alias: 'string',
  queueArguments: 'object',
  bindingArguments: 'object',
  consumerArguments: 'object',
  noDeclare: 'boolean',
  onDeclared: 'function',
  expiresMs: { type: 'number', min: 1 },
  messageTtlMs: { type: 'number', min: 0 },
  maxLength: count,
  maxLengthBytes: count,
  maxPriority: { type: 'number', integer: true, min: 0, max: 255 },
}

/**
 * Where messages wait for consumers.
 *
 * A frozen value: declaring it leaves it as it is. An empty name asks the broker for one; the answer
 * tells it, and {@link Queue.named} makes the queue that has it. Source: kombu/entity.py, Queue.
 *
 * @example
 * const queue = new Queue('example', { exchange: heartbeats, exclusive: true })
 * const status = await connection.autoretry((channel) => queue.declare(channel))
 */
export class Queue {
  readonly name: string
  /** `undefined` when there are `bindings`. */
  readonly exchange: Exchange | undefined
  readonly routingKey: string
  readonly bindings: readonly Binding[]
  readonly durable: boolean
  readonly exclusive: boolean
  readonly autoDelete: boolean
  readonly noAck: boolean
  readonly alias: string | undefined
  readonly queueArguments: DeclarationArguments
  readonly bindingArguments: DeclarationArguments
  readonly consumerArguments: DeclarationArguments
  readonly noDeclare: boolean
  readonly expiresMs: number | undefined
  readonly messageTtlMs: number | undefined
  readonly maxLength: number | undefined
  readonly maxLengthBytes: number | undefined
  readonly maxPriority: number | undefined
  readonly onDeclared: ((status: QueueStatus) => void) | undefined
  #declarationKey: string | undefined

  /** @throws {ConfigurationError} `BAD_OPTION`. */
  constructor(name = '', options: QueueOptions = {}) {
    checkQueue(name, options)
    const { exchange, bindings } = whereFrom(options)
    this.name = name
    this.exchange = exchange
    this.routingKey = options.routingKey ?? ''
    this.bindings = bindings
    this.durable = options.durable ?? true
    this.exclusive = options.exclusive ?? false
    this.autoDelete = this.exclusive || (options.autoDelete ?? false)
    this.noAck = options.noAck ?? false
    this.alias = options.alias
    this.queueArguments = Object.freeze({ ...options.queueArguments })
    this.bindingArguments = Object.freeze({ ...options.bindingArguments })
    this.consumerArguments = Object.freeze({ ...options.consumerArguments })
    this.noDeclare = options.noDeclare ?? false
    this.expiresMs = options.expiresMs
    this.messageTtlMs = options.messageTtlMs
    this.maxLength = options.maxLength
    this.maxLengthBytes = options.maxLengthBytes
    this.maxPriority = options.maxPriority
    this.onDeclared = options.onDeclared
    Object.freeze(this)
  }

  /**
   * A queue out of one flat set of options, in which `exchangeType` and the like describe the exchange.
   *
   * @throws {ConfigurationError} `BAD_OPTION`.
   * @see kombu/entity.py, Queue.from_dict
   */
  static fromDict(name: string, options: QueueFromDictOptions): Queue {
    return new Queue(name, queueOptionsFromDict(options))
  }

  /** True if one declaration per connection is enough: other queues may go at any time. */
  get canCacheDeclaration(): boolean {
    return !this.autoDelete && this.declaration.arguments['x-expires'] === undefined
  }

  /** What `declare()` says to the broker about the queue itself. */
  get declaration(): QueueDeclaration {
    const { name, durable, exclusive, autoDelete } = this
    return {
      name,
      durable,
      exclusive,
      autoDelete,
      passive: false,
      arguments: queueArgumentsOf(this),
    }
  }

  /**
   * Equal for queues with equal declarations, bindings included.
   *
   * Kombu's caches compare names only, and so skip new bindings of a known queue: kombu#396.
   */
  get declarationKey(): string {
    this.#declarationKey ??= `queue ${stableText([
      this.declaration,
      this.exchange?.declarationKey,
      this.routingKey,
      this.bindingArguments,
      this.bindings.map((binding) => [
        binding.exchange.declarationKey,
        binding.routingKey,
        binding.arguments,
      ]),
    ])}`
    return this.#declarationKey
  }

  /** The same queue under another name, such as the one that the broker chose. */
  named(name: string): Queue {
    const { name: _, ...options } = this
    return new Queue(name, options)
  }

  /**
   * Makes everything exist, in Kombu's order: exchange, queue, binding to the exchange if it has a
   * name, then each of `bindings` with its exchange.
   *
   * @returns the broker's answer. Of a `noDeclare` queue nobody is asked: its name, and counts of 0.
   */
  async declare(channel: DeclaringChannel, options: OperationOptions = {}): Promise<QueueStatus> {
    if (this.noDeclare) return { queue: this.name, messageCount: 0, consumerCount: 0 }

    const { signal } = options
    await this.exchange?.declare(channel, { signal })
    const status = await this.queueDeclare(channel, { signal })
    const queue = status.queue === this.name ? this : this.named(status.queue)

    if (this.exchange !== undefined && this.exchange.name !== '') {
      await queue.queueBind(channel, { signal })
    }
    for (const binding of this.bindings) {
      await binding.declare(channel, { signal })
      await binding.bind(channel, queue, { signal })
    }
    return status
  }

  /** Declares the queue alone, then calls `onDeclared`. */
  async queueDeclare(
    channel: DeclaringChannel,
    options: DeclareQueueOptions = {},
  ): Promise<QueueStatus> {
    const { passive = false, signal } = options
    const status = await channel.declareQueue({ ...this.declaration, passive }, { signal })
    this.onDeclared?.(status)
    return status
  }

  /** Binds the queue to `exchange` by `routingKey` and `bindingArguments`. */
  async queueBind(channel: DeclaringChannel, options: OperationOptions = {}): Promise<void> {
    await this.bindTo(channel, this.exchange ?? '', { ...this.#binding(), signal: options.signal })
  }

  /** The opposite of {@link queueBind}. */
  async queueUnbind(channel: DeclaringChannel, options: OperationOptions = {}): Promise<void> {
    await this.unbindFrom(channel, this.exchange ?? '', {
      ...this.#binding(),
      signal: options.signal,
    })
  }

  /** Binds the queue to any exchange. */
  async bindTo(
    channel: DeclaringChannel,
    exchange: Exchange | string,
    options: BindOptions = {},
  ): Promise<void> {
    const { signal } = options
    await channel.bindQueue(bindingDeclaration(this.name, exchange, options), { signal })
  }

  /** The opposite of {@link bindTo}. Brokers want the same arguments as for binding. */
  async unbindFrom(
    channel: DeclaringChannel,
    exchange: Exchange | string,
    options: BindOptions = {},
  ): Promise<void> {
    const { signal } = options
    await channel.unbindQueue(bindingDeclaration(this.name, exchange, options), { signal })
  }

  /** @returns the number of messages removed. */
  async purge(channel: DeclaringChannel, options?: OperationOptions): Promise<number> {
    return channel.purgeQueue(this.name, options)
  }

  /** @returns the number of messages that went with it. */
  async delete(channel: DeclaringChannel, options?: DeleteOptions): Promise<number> {
    return channel.deleteQueue(this.name, options)
  }

  /** True for a queue with the same declaration, bindings and consumer arguments. */
  equals(other: unknown): boolean {
    if (!(other instanceof Queue)) return false
    return (
      this.declarationKey === other.declarationKey &&
      stableText(this.consumerArguments) === stableText(other.consumerArguments)
    )
  }

  /** Kombu's `as_dict(recurse=True)`, names camelCased: plain data. */
  asDict(): QueueDict {
    const { onDeclared: _, ...dict } = this
    return {
      ...dict,
      exchange: this.exchange?.asDict(),
      bindings: this.bindings.map((binding) => binding.asDict()),
    }
  }

  /** Kombu's form: `Queue name -> Exchange e(type) -> key`, or the bindings in brackets. */
  toString(): string {
    return this.bindings.length > 0
      ? `Queue ${this.name} -> [${this.bindings.join(', ')}]`
      : `Queue ${this.name} -> ${this.exchange} -> ${this.routingKey}`
  }

  #binding(): BindOptions {
    return { routingKey: this.routingKey, arguments: this.bindingArguments }
  }
}

/** A queue as plain data. */
export interface QueueDict extends QueueLimits {
  readonly name: string
  readonly exchange: ExchangeDict | undefined
  readonly routingKey: string
  readonly bindings: readonly BindingDict[]
  readonly durable: boolean
  readonly exclusive: boolean
  readonly autoDelete: boolean
  readonly noAck: boolean
  readonly alias: string | undefined
  readonly queueArguments: DeclarationArguments
  readonly bindingArguments: DeclarationArguments
  readonly consumerArguments: DeclarationArguments
  readonly noDeclare: boolean
}

function checkQueue(name: unknown, options: QueueOptions): void {
  if (typeof name !== 'string') {
    throw new ConfigurationError(
      'BAD_OPTION',
      `The name of a queue has to be a string, not a ${typeof name}`,
    )
  }
  checkOptions(`queue "${name}"`, options, specs)
  const { exchange, bindings = [] } = options
  const isList = Array.isArray(exchange)
  if (typeof exchange === 'object' && !isList && !(exchange instanceof Exchange)) {
    throw badOption(name, 'exchange', 'an Exchange, its name, or a list of bindings')
  }
  for (const item of isList ? [...exchange, ...bindings] : bindings) {
    if (!(item instanceof Binding)) throw badOption(name, 'bindings', 'made by binding()')
  }
}

function badOption(queue: string, option: string, wanted: string): ConfigurationError {
  return new ConfigurationError(
    'BAD_OPTION',
    `Option "${option}" of queue "${queue}" has to be ${wanted}`,
  )
}

/** Kombu's rule: bindings, wherever given, replace the exchange. */
function whereFrom({
  exchange = '',
  bindings = [],
}: QueueOptions): Pick<Queue, 'exchange' | 'bindings'> {
  const isList = typeof exchange === 'object' && !(exchange instanceof Exchange)
  const all = Object.freeze(isList ? [...bindings, ...exchange] : [...bindings])
  if (isList || all.length > 0) return { exchange: undefined, bindings: all }
  return {
    exchange: typeof exchange === 'string' ? new Exchange(exchange) : exchange,
    bindings: all,
  }
}
