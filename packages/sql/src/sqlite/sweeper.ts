/**
 * Cleans up after the dead: gives the messages of dead holders back, deletes their exclusive queues
 * and queues that have expired. Every session does it, at its own pace; it makes no difference who.
 */
import type { SqliteConnection } from './connection.ts'
import { deleteQueue, type Tables } from './handlers.ts'
import type { HiddenRows } from './hidden-rows.ts'
import type { HolderRow, HolderTable } from './holder-table.ts'
import type { ExpiringQueue } from './queue-options.ts'
import { Stillness } from './stillness.ts'

/** What a sweeper works with. */
export interface SweeperParts {
  readonly connection: SqliteConnection
  readonly tables: Tables
  readonly holders: HolderTable
  readonly hiddenRows: HiddenRows | undefined
  readonly holderId: number
}

/** A wait for the lock longer than this means that the others could not renew either. */
const suspiciousWaitMs = 1_000

/** Sweeps when told to. */
export class Sweeper {
  readonly #parts: SweeperParts
  readonly #stillHolders = new Stillness()
  readonly #stillQueues = new Stillness()

  constructor(parts: SweeperParts) {
    this.#parts = parts
  }

  /**
   * One round.
   *
   * @param used Queues that this session has used since the last round.
   * @returns whether messages became visible.
   */
  sweep(used: ReadonlySet<string>): boolean {
    this.#keepQueues(used)
    const restored = this.#buryHolders()
    this.#expireQueues()
    const shown = this.#parts.hiddenRows?.sweep() ?? 0
    return restored + shown > 0
  }

  #buryHolders(): number {
    const { connection, holders } = this.#parts
    const dead = connection.read(() => this.#deadHolders())
    if (dead.length === 0) return 0
    return this.#writeUnlessDelayed(() => {
      const stillThere = new Map(holders.list().map((row) => [row.id, row.expiresAtMs]))
      const unmoved = dead.filter((row) => stillThere.get(row.id) === row.expiresAtMs)
      return unmoved.reduce((count, row) => count + this.bury(row.id), 0)
    })
  }

  #deadHolders(): readonly HolderRow[] {
    const rows = this.#parts.holders.list().filter((row) => row.id !== this.#parts.holderId)
    const now = performance.now()
    this.#stillHolders.keepOnly(new Set(rows.map((row) => row.id)))
    return rows.filter((row) => {
      const stillMs = this.#stillHolders.observe(row.id, row.expiresAtMs, now)
      if (stillMs >= row.leaseMs) return true
      return row.expiresAtMs < Date.now() && stillMs >= row.leaseMs / 2
    })
  }

  /** Gives back what a holder holds and removes it. Call inside a transaction. @returns messages. */
  bury(holderId: number): number {
    const { tables, holders } = this.#parts
    tables.queues.forget()
    for (const queue of tables.queueOptions.ownedBy(holderId)) deleteQueue(tables, queue)
    tables.consumers.removeHolder(holderId)
    const restored = holders.restore(holderId)
    holders.remove(holderId)
    return restored
  }

  #keepQueues(used: ReadonlySet<string>): void {
    const { connection, tables } = this.#parts
    const expiring = connection.read(() => tables.queueOptions.expiring())
    const ours = expiring.map((row) => row.queue).filter((queue) => used.has(queue))
    if (ours.length === 0) return
    connection.write(false, () => tables.queueOptions.touch(ours, Date.now()))
  }

  #expireQueues(): void {
    const { connection, tables } = this.#parts
    const expired = connection.read(() => this.#expiredQueues())
    if (expired.length === 0) return
    this.#writeUnlessDelayed(() => {
      tables.queues.forget()
      const now = new Map(tables.queueOptions.expiring().map((row) => [row.queueId, row.usedAtMs]))
      const unused = expired.filter((row) => now.get(row.queueId) === row.usedAtMs)
      for (const row of unused) deleteQueue(tables, row.queue)
      return unused.length
    })
  }

  #expiredQueues(): readonly ExpiringQueue[] {
    const rows = this.#parts.tables.queueOptions.expiring()
    const now = performance.now()
    this.#stillQueues.keepOnly(new Set(rows.map((row) => row.queueId)))
    return rows.filter(
      (row) => this.#stillQueues.observe(row.queueId, row.usedAtMs, now) >= row.expiresMs,
    )
  }

  /** After a long wait for the lock, what was seen before proves nothing: the round is skipped. */
  #writeUnlessDelayed(work: () => number): number {
    const asked = performance.now()
    return this.#parts.connection.write(false, () => {
      if (performance.now() - asked < suspiciousWaitMs) return work()
      this.#stillHolders.forget()
      this.#stillQueues.forget()
      return 0
    })
  }
}
