/** Bindings kept in this process: for stores whose broker has no place for them, and for memory. */
import type { BindingTable, StoredBinding } from './queue-store.ts'

/** A binding table in memory. Several connections may share one. */
export class LocalBindingTable implements BindingTable {
  readonly #types = new Map<string, string>()
  readonly #bindings = new Map<string, Map<string, StoredBinding>>()

  async declareExchange(name: string, type: string): Promise<void> {
    this.#types.set(name, type)
  }

  async exchangeType(name: string): Promise<string | undefined> {
    return this.#types.get(name)
  }

  async bind(binding: StoredBinding): Promise<void> {
    const table = this.#bindings.get(binding.exchange) ?? new Map<string, StoredBinding>()
    table.set(keyOf(binding), binding)
    this.#bindings.set(binding.exchange, table)
  }

  async unbind(binding: StoredBinding): Promise<void> {
    this.#bindings.get(binding.exchange)?.delete(keyOf(binding))
  }

  async lookup(exchange: string): Promise<readonly StoredBinding[]> {
    return [...(this.#bindings.get(exchange)?.values() ?? [])]
  }

  async removeExchange(name: string): Promise<void> {
    this.#types.delete(name)
    this.#bindings.delete(name)
  }

  async removeQueue(queue: string): Promise<void> {
    for (const table of this.#bindings.values()) {
      for (const [key, binding] of table) if (binding.queue === queue) table.delete(key)
    }
  }
}

function keyOf(binding: StoredBinding): string {
  return JSON.stringify([binding.queue, binding.routingKey, binding.arguments])
}
