/** What was declared on a connection, so that it can be declared again after a reconnect. */
import type {
  BindingDeclaration,
  ExchangeDeclaration,
  QueueDeclaration,
} from '../entity/declaration.ts'
import { ChannelError, type MessagingError, UnsupportedError } from '../errors.ts'
import type { OperationOptions } from '../operation-options.ts'
import type { TransportChannel, TransportConnection } from '../transport/transport.ts'

/** In the order in which brokers need it: exchanges, queues, bindings. */
export class DeclaredTopology {
  readonly #exchanges = new Map<string, ExchangeDeclaration>()
  readonly #queues = new Map<string, QueueDeclaration>()
  readonly #exchangeBindings = new Map<string, BindingDeclaration>()
  readonly #queueBindings = new Map<string, BindingDeclaration>()

  exchangeType(name: string): string | undefined {
    return this.#exchanges.get(name)?.type
  }

  addExchange(declaration: ExchangeDeclaration): void {
    this.#exchanges.set(declaration.name, declaration)
  }

  addQueue(declaration: QueueDeclaration): void {
    this.#queues.set(declaration.name, declaration)
  }

  addExchangeBinding(binding: BindingDeclaration): void {
    this.#exchangeBindings.set(keyOf(binding), binding)
  }

  addQueueBinding(binding: BindingDeclaration): void {
    this.#queueBindings.set(keyOf(binding), binding)
  }

  removeExchangeBinding(binding: BindingDeclaration): void {
    this.#exchangeBindings.delete(keyOf(binding))
  }

  removeQueueBinding(binding: BindingDeclaration): void {
    this.#queueBindings.delete(keyOf(binding))
  }

  removeExchange(name: string): void {
    this.#exchanges.delete(name)
    removeWhere(
      this.#exchangeBindings,
      (binding) => binding.exchange === name || binding.destination === name,
    )
    removeWhere(this.#queueBindings, (binding) => binding.exchange === name)
  }

  removeQueue(name: string): void {
    this.#queues.delete(name)
    removeWhere(this.#queueBindings, (binding) => binding.destination === name)
  }

  /** Whether a queue goes when nobody consumes from it any more. */
  isAutoDeleted(queue: string): boolean {
    return this.#queues.get(queue)?.autoDelete ?? false
  }

  /**
   * Declares everything again. What the broker refuses because somebody changed it meanwhile is told and left out: the
   * rest, and all who consume, must not go without a connection for it.
   */
  async replay(
    connection: Pick<TransportConnection, 'openChannel'>,
    options: ReplayOptions,
  ): Promise<void> {
    let channel = await connection.openChannel(options)
    for (const declare of this.#steps(options)) {
      try {
        await declare(channel)
      } catch (error) {
        if (!isRefusal(error)) throw error
        options.onRefused(error)
        // The broker may have ended the channel with its refusal.
        await channel.close(options).catch(() => undefined)
        channel = await connection.openChannel(options)
      }
    }
    await channel.close(options)
  }

  *#steps(options: OperationOptions): Iterable<(channel: TransportChannel) => Promise<unknown>> {
    for (const exchange of this.#exchanges.values())
      yield (channel) => channel.declareExchange(exchange, options)
    for (const queue of this.#queues.values())
      yield (channel) => channel.declareQueue(queue, options)
    for (const binding of this.#exchangeBindings.values())
      yield (channel) => channel.bindExchange(binding, options)
    for (const binding of this.#queueBindings.values())
      yield (channel) => channel.bindQueue(binding, options)
  }
}

/** How to declare again. */
export interface ReplayOptions extends OperationOptions {
  /** Told of what is not there as it was. */
  onRefused(error: MessagingError): void
}

/** A matter of what is declared. A lock or a full broker may pass, so that trying again helps. */
function isRefusal(error: unknown): error is MessagingError {
  return (
    error instanceof UnsupportedError ||
    (error instanceof ChannelError && error.code !== 'RESOURCE_LOCKED' && error.code !== 'REFUSED')
  )
}

function keyOf(binding: BindingDeclaration): string {
  return JSON.stringify([
    binding.exchange,
    binding.destination,
    binding.routingKey,
    binding.arguments,
  ])
}

function removeWhere<T>(map: Map<string, T>, unwanted: (value: T) => boolean): void {
  for (const [key, value] of map) if (unwanted(value)) map.delete(key)
}
