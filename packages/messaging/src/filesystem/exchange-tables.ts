/** Bindings that every process with the same control folder sees, Python's too. */
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { ChannelError } from '../errors.ts'
import type { BindingTable, StoredBinding } from '../virtual/queue-store.ts'
import { kombuTopicPattern } from '../virtual/topic.ts'
import { type BindingRow, changeRows, type EditRows, readRows } from './exchange-file.ts'
import { fileNameOf, nameOf, nameProblem } from './file-names.ts'
import { toMessagingError } from './filesystem-error.ts'
import { removed } from './message-folder.ts'

const suffix = '.exchange'

/** See `BindingTable`. The table has no place for types, nor for arguments. */
export class ExchangeTables implements BindingTable {
  readonly #folder: string
  readonly #options: { readonly fsync: boolean }
  readonly #lookups = new Map<string, Promise<readonly BindingRow[]>>()
  /** The last change of each exchange that is under way. */
  readonly #changes = new Map<string, Promise<void>>()

  constructor(folder: string, options: { readonly fsync: boolean }) {
    this.#folder = folder
    this.#options = options
  }

  async bind(binding: StoredBinding): Promise<void> {
    const row = rowOf(binding)
    await this.#change(binding.exchange, (rows) => [row, ...without(rows, row)], row)
  }

  async unbind(binding: StoredBinding): Promise<void> {
    const row = rowOf(binding)
    await this.#change(binding.exchange, (rows) => without(rows, row))
  }

  async lookup(exchange: string): Promise<readonly StoredBinding[]> {
    const rows = await this.#rows(exchange)
    return rows.map((row) => bindingOf(exchange, row))
  }

  async declareExchange(name: string): Promise<void> {
    this.#path(name)
  }

  /** Only topic bindings can be told from others. */
  async exchangeType(name: string): Promise<string | undefined> {
    if (nameProblem(name) !== undefined) return undefined
    const rows = await this.#rows(name)
    return rows.some(([, pattern]) => pattern !== '') ? 'topic' : undefined
  }

  async removeExchange(name: string): Promise<void> {
    const path = this.#path(name)
    await this.#attempt('remove an exchange', () => removed(path))
  }

  async removeQueue(queue: string, exchanges: readonly string[]): Promise<void> {
    for (const exchange of exchanges) {
      await this.#change(exchange, (rows) => rows.filter((row) => row[2] !== queue))
    }
  }

  /** True if any exchange has the queue. */
  async knowsQueue(queue: string): Promise<boolean> {
    for (const exchange of await this.#exchanges()) {
      const rows = await this.#rows(exchange)
      if (rows.some((row) => row[2] === queue)) return true
    }
    return false
  }

  /** Unbinds a queue from whatever it is bound to. */
  async forgetQueue(queue: string): Promise<void> {
    await this.removeQueue(queue, await this.#exchanges())
  }

  async #exchanges(): Promise<readonly string[]> {
    const names = await this.#attempt('look up exchanges', () => readdir(this.#folder))
    return names
      .filter((name) => name.endsWith(suffix))
      .map((name) => nameOf(name.slice(0, -suffix.length)))
  }

  /** What asks in one turn shares an answer that was read afterwards. */
  #rows(exchange: string): Promise<readonly BindingRow[]> {
    const shared = this.#lookups.get(exchange)
    if (shared !== undefined) return shared
    const lookup = Promise.resolve().then(() => {
      this.#lookups.delete(exchange)
      return this.#attempt('look up bindings', () => readRows(this.#path(exchange)))
    })
    this.#lookups.set(exchange, lookup)
    return lookup
  }

  /** @param wanted A row that need not be written when it is there. */
  async #change(exchange: string, edit: EditRows, wanted?: BindingRow): Promise<void> {
    const path = this.#path(exchange)
    await this.#attempt('change bindings', () =>
      this.#inTurn(exchange, async () => {
        const rows = await readRows(path)
        const isThere = wanted && rows.some((row) => isSame(row, wanted))
        if (isThere || (!wanted && edit(rows).length === rows.length)) return
        await changeRows(path, edit, this.#options)
      }),
    )
  }

  /** The lock is between processes: here it would be a herd. A change that fails takes those that wait with it. */
  async #inTurn(exchange: string, change: () => Promise<void>): Promise<void> {
    const before = this.#changes.get(exchange)
    const changing = before === undefined ? change() : before.then(change)
    this.#changes.set(exchange, changing)
    try {
      await changing
    } finally {
      if (this.#changes.get(exchange) === changing) this.#changes.delete(exchange)
    }
  }

  async #attempt<T>(what: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work()
    } catch (error) {
      throw toMessagingError(error, { work: 'other', what, folder: this.#folder })
    }
  }

  #path(exchange: string): string {
    const problem = nameProblem(exchange)
    if (problem === undefined) return join(this.#folder, `${fileNameOf(exchange)}${suffix}`)
    throw new ChannelError(
      'PRECONDITION_FAILED',
      `Exchange ${JSON.stringify(exchange)} cannot be kept in files: ${problem}. Choose another name`,
    )
  }
}

function rowOf({ exchangeType, routingKey, queue }: StoredBinding): BindingRow {
  return [routingKey, exchangeType === 'topic' ? kombuTopicPattern(routingKey) : '', queue]
}

function bindingOf(exchange: string, [routingKey, pattern, queue]: BindingRow): StoredBinding {
  const exchangeType = pattern === '' ? 'direct' : 'topic'
  return { exchange, exchangeType, queue, routingKey, arguments: {} }
}

function isSame(a: BindingRow, b: BindingRow): boolean {
  return a[0] === b[0] && a[1] === b[1] && a[2] === b[2]
}

function without(rows: readonly BindingRow[], row: BindingRow): readonly BindingRow[] {
  return rows.filter((other) => !isSame(other, row))
}
