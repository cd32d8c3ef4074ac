/** Lets operations on one name wait for each other; those on different names do not. */
export class TurnKeeper {
  readonly #last = new Map<string, Promise<unknown>>()

  /** Begins the operation when the one before it on that name is over, well or not. */
  async take<Value>(name: string, operation: () => Promise<Value>): Promise<Value> {
    const before = this.#last.get(name)
    const mine = before === undefined ? operation() : before.then(operation, operation)
    this.#last.set(name, mine)
    try {
      return await mine
    } finally {
      if (this.#last.get(name) === mine) this.#last.delete(name)
    }
  }
}
