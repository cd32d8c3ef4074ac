import { ConfigurationError } from '../errors.ts'
import type { OperationOptions } from '../operation-options.ts'
import { checkOptions, type OptionSpecs } from '../option-spec.ts'
import type { BindingDeclaration, DeclaringChannel } from './declaration.ts'
import type { Exchange, ExchangeDict } from './exchange.ts'

/** Arguments of a broker command that have no name in AMQP, e.g. `x-match`. */
export type DeclarationArguments = Readonly<Record<string, unknown>>

/** How to bind. */
export interface BindOptions extends OperationOptions {
  /** Default `''`. */
  readonly routingKey?: string | undefined
  readonly arguments?: DeclarationArguments | undefined
}

/** What can be bound to an exchange: a queue, or another exchange. */
export interface Bindable {
  bindTo(
    channel: DeclaringChannel,
    exchange: Exchange | string,
    options?: BindOptions,
  ): Promise<void>
  unbindFrom(
    channel: DeclaringChannel,
    exchange: Exchange | string,
    options?: BindOptions,
  ): Promise<void>
}

/** What a binding can say. */
export interface BindingOptions {
  /** Default `''`. */
  readonly routingKey?: string | undefined
  readonly arguments?: DeclarationArguments | undefined
  /** Arguments of `unbind()`. Default: `arguments`, which brokers want to see again. */
  readonly unbindArguments?: DeclarationArguments | undefined
}

const specs: OptionSpecs = {
  routingKey: 'string',
  arguments: 'object',
  unbindArguments: 'object',
}

/**
 * One way from an exchange to a queue, for queues that have several.
 *
 * A frozen value. Source: kombu/entity.py, binding.
 */
export class Binding {
  readonly exchange: Exchange
  readonly routingKey: string
  readonly arguments: DeclarationArguments
  readonly unbindArguments: DeclarationArguments

  /** @throws {ConfigurationError} `BAD_OPTION`. */
  constructor(exchange: Exchange, options: BindingOptions = {}) {
    if (typeof exchange?.declare !== 'function') throw notAnExchange(exchange)
    checkOptions(`the binding to exchange "${exchange.name}"`, options, specs)
    this.exchange = exchange
    this.routingKey = options.routingKey ?? ''
    this.arguments = Object.freeze({ ...options.arguments })
    this.unbindArguments = Object.freeze({ ...(options.unbindArguments ?? options.arguments) })
    Object.freeze(this)
  }

  /** Declares the exchange, if it has a name. */
  async declare(channel: DeclaringChannel, options?: OperationOptions): Promise<void> {
    await this.exchange.declare(channel, options)
  }

  /** Binds a queue or an exchange this way. Declares nothing. */
  async bind(
    channel: DeclaringChannel,
    entity: Bindable,
    options?: OperationOptions,
  ): Promise<void> {
    const { routingKey, arguments: bindingArguments } = this
    await entity.bindTo(channel, this.exchange, {
      ...options,
      routingKey,
      arguments: bindingArguments,
    })
  }

  /** Takes the binding away again, with `unbindArguments`. */
  async unbind(
    channel: DeclaringChannel,
    entity: Bindable,
    options?: OperationOptions,
  ): Promise<void> {
    const { routingKey, unbindArguments } = this
    await entity.unbindFrom(channel, this.exchange, {
      ...options,
      routingKey,
      arguments: unbindArguments,
    })
  }

  /** Kombu's `as_dict(recurse=True)`, names camelCased: plain data. */
  asDict(): BindingDict {
    return { ...this, exchange: this.exchange.asDict() }
  }

  /** Kombu's form: `exchange->key`. */
  toString(): string {
    return `${this.exchange.name}->${this.routingKey}`
  }
}

/** A binding as plain data. */
export interface BindingDict {
  readonly exchange: ExchangeDict
  readonly routingKey: string
  readonly arguments: DeclarationArguments
  readonly unbindArguments: DeclarationArguments
}

/**
 * Kombu's `binding(…)`.
 *
 * @example
 * new Queue('audit', { exchange: [binding(orders, { routingKey: 'paid' }), binding(users)] })
 * @throws {ConfigurationError} `BAD_OPTION`.
 */
export function binding(exchange: Exchange, options?: BindingOptions): Binding {
  return new Binding(exchange, options)
}

/** What `bindTo()` and `unbindFrom()` say to the broker. */
export function bindingDeclaration(
  destination: string,
  exchange: Exchange | string,
  options: BindOptions,
): BindingDeclaration {
  return {
    exchange: typeof exchange === 'string' ? exchange : exchange.name,
    destination,
    routingKey: options.routingKey ?? '',
    arguments: options.arguments ?? {},
  }
}

function notAnExchange(value: unknown): ConfigurationError {
  const hint = typeof value === 'string' ? `: write new Exchange(${JSON.stringify(value)})` : ''
  return new ConfigurationError(
    'BAD_OPTION',
    `A binding needs an Exchange, not ${value === null ? 'null' : `a ${typeof value}`}${hint}`,
  )
}
