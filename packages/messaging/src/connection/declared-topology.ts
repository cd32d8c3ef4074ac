/** What was declared on a connection, so that it can be declared again after a reconnect. */
import type {
  BindingDeclaration,
  ExchangeDeclaration,
  QueueDeclaration,
} from '../entity/declaration.ts'
import type { OperationOptions } from '../operation-options.ts'
import type { TransportChannel } from '../transport/transport.ts'

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

  /** Declares everything again. */
  async replay(channel: TransportChannel, options: OperationOptions): Promise<void> {
    for (const exchange of this.#exchanges.values())
      await channel.declareExchange(exchange, options)
    for (const queue of this.#queues.values()) await channel.declareQueue(queue, options)
    for (const binding of this.#exchangeBindings.values())
      await channel.bindExchange(binding, options)
    for (const binding of this.#queueBindings.values()) await channel.bindQueue(binding, options)
  }
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
