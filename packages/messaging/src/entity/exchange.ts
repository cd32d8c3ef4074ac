import { ConfigurationError } from '../errors.ts'
import type { OperationOptions } from '../operation-options.ts'
import { checkOptions, type OptionSpecs } from '../option-spec.ts'
import {
  Binding,
  type BindingOptions,
  type BindOptions,
  bindingDeclaration,
  type DeclarationArguments,
} from './binding.ts'
import type { DeclaringChannel, DeleteOptions, ExchangeDeclaration } from './declaration.ts'
import { type DeliveryMode, deliveryModeNumber } from './delivery-mode.ts'
import { stableText } from './stable-text.ts'

/** What an exchange can be. */
export interface ExchangeOptions {
  /** `direct`, `topic`, `fanout`, `headers`, or anything else that the broker knows. Default `direct`. */
  readonly type?: string | undefined
  /** Survives a restart of the broker. Default `true`. */
  readonly durable?: boolean | undefined
  /** Goes when the last binding goes. Default `false`. */
  readonly autoDelete?: boolean | undefined
  /** For messages published to this exchange that do not say. Default: the producer's, which is persistent. */
  readonly deliveryMode?: DeliveryMode | undefined
  readonly arguments?: DeclarationArguments | undefined
  /** Declaring only checks that the exchange is there. Default `false`. */
  readonly passive?: boolean | undefined
  /** Never declare: it is somebody else's. Default `false`. */
  readonly noDeclare?: boolean | undefined
}

/** How to declare an exchange. */
export interface DeclareExchangeOptions extends OperationOptions {
  /** Only check that it is there. Default: the exchange's own `passive`. */
  readonly passive?: boolean | undefined
}

const specs: OptionSpecs = {
  type: { type: 'string', min: 1 },
  durable: 'boolean',
  autoDelete: 'boolean',
  deliveryMode: ['number', 'string'],
  arguments: 'object',
  passive: 'boolean',
  noDeclare: 'boolean',
}

/**
 * Where messages are published to. The empty name is the default exchange, which routes to the queue
 * named by the routing key.
 *
 * A frozen value: declaring it leaves it as it is. Source: kombu/entity.py, Exchange.
 *
 * @example
 * const heartbeats = new Exchange('worker_discovery', { type: 'fanout' })
 */
export class Exchange {
  readonly name: string
  readonly type: string
  readonly durable: boolean
  readonly autoDelete: boolean
  readonly deliveryMode: 1 | 2 | undefined
  readonly arguments: DeclarationArguments
  readonly passive: boolean
  readonly noDeclare: boolean
  #declarationKey: string | undefined

  /** @throws {ConfigurationError} `BAD_OPTION`. */
  constructor(name = '', options: ExchangeOptions = {}) {
    checkExchangeName(name)
    checkOptions(`exchange "${name}"`, options, specs)
    const { deliveryMode } = options
    this.name = name
    this.type = options.type ?? 'direct'
    this.durable = options.durable ?? true
    this.autoDelete = options.autoDelete ?? false
    this.deliveryMode = deliveryMode === undefined ? undefined : deliveryModeNumber(deliveryMode)
    this.arguments = Object.freeze({ ...options.arguments })
    this.passive = options.passive ?? false
    this.noDeclare = options.noDeclare ?? false
    Object.freeze(this)
  }

  /** False for `noDeclare`, the default exchange, and the broker's own (`amq.…`). */
  get isDeclarable(): boolean {
    return !this.noDeclare && this.name !== '' && !this.name.startsWith('amq.')
  }

  /** True if one declaration per connection is enough: an `autoDelete` exchange may go at any time. */
  get canCacheDeclaration(): boolean {
    return !this.autoDelete
  }

  /** What `declare()` says to the broker. */
  get declaration(): ExchangeDeclaration {
    const { name, type, durable, autoDelete, passive, arguments: extra } = this
    return { name, type, durable, autoDelete, passive, arguments: extra }
  }

  /** Equal for exchanges with equal declarations. Kombu compares names only: kombu#396. */
  get declarationKey(): string {
    this.#declarationKey ??= `exchange ${stableText(this.declaration)}`
    return this.#declarationKey
  }

  /** Makes the exchange exist. Does nothing if it is not declarable. */
  async declare(channel: DeclaringChannel, options: DeclareExchangeOptions = {}): Promise<void> {
    if (!this.isDeclarable) return
    const { passive = this.passive, signal } = options
    await channel.declareExchange({ ...this.declaration, passive }, { signal })
  }

  /** Lets messages of another exchange flow into this one. Brokers with `exchangeBindings` only. */
  async bindTo(
    channel: DeclaringChannel,
    exchange: Exchange | string,
    options: BindOptions = {},
  ): Promise<void> {
    const { signal } = options
    await channel.bindExchange(bindingDeclaration(this.name, exchange, options), { signal })
  }

  /** The opposite of {@link bindTo}. */
  async unbindFrom(
    channel: DeclaringChannel,
    exchange: Exchange | string,
    options: BindOptions = {},
  ): Promise<void> {
    const { signal } = options
    await channel.unbindExchange(bindingDeclaration(this.name, exchange, options), { signal })
  }

  async delete(channel: DeclaringChannel, options?: DeleteOptions): Promise<void> {
    await channel.deleteExchange(this.name, options)
  }
  /** A binding to this exchange, for `new Queue(name, { exchange: [ … ] })`. */
  binding(options?: BindingOptions): Binding {
    return new Binding(this, options)
  }

  /** True for an exchange with the same attributes, other than `passive` and `noDeclare`. As Kombu. */
  equals(other: unknown): boolean {
    return (
      other instanceof Exchange && stableText(comparable(this)) === stableText(comparable(other))
    )
  }

  /** Kombu's `as_dict()`, names camelCased: plain data, good for `new Exchange(name, rest)`. */
  asDict(): ExchangeDict {
    return { ...this }
  }

  /** Kombu's form: `Exchange name(type)`. */
  toString(): string {
    return `Exchange ${this.name === '' ? "''" : this.name}(${this.type})`
  }
}

/** An exchange as plain data. */
export interface ExchangeDict {
  readonly name: string
  readonly type: string
  readonly durable: boolean
  readonly autoDelete: boolean
  readonly deliveryMode: 1 | 2 | undefined
  readonly arguments: DeclarationArguments
  readonly passive: boolean
  readonly noDeclare: boolean
}

function comparable({ passive, noDeclare, ...rest }: ExchangeDict): object {
  return rest
}

function checkExchangeName(name: unknown): void {
  if (typeof name === 'string') return
  throw new ConfigurationError(
    'BAD_OPTION',
    `The name of an exchange has to be a string, not a ${typeof name}`,
  )
}
