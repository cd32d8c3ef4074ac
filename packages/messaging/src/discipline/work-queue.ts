/** How to take an item. */
export interface PopOptions {
  /** How long to wait for one when there is none. Default 0: do not wait. */
  readonly timeoutMs?: number | undefined
  /** Aborting rejects with `signal.reason`. Nothing was taken then. */
  readonly signal?: AbortSignal | undefined
}

/** How to add an item. */
export interface PushOptions {
  /** Higher comes out first. Default 0. Only a priority queue looks at it. */
  readonly priority?: number | undefined
}

/**
 * A queue of plain items that several processes share: first in first out, last in first out, or by priority.
 *
 * Simpler than a message queue: what was taken is gone, also when its taker dies. The queues of
 * scrapy-redis, for crawl frontiers and the like.
 */
export interface WorkQueue<Item> extends AsyncDisposable {
  /** Resolves when the item is stored. */
  push(item: Item, options?: PushOptions): Promise<void>
  /** Takes the next item; two takers never get the same. `undefined` when there was none in time. */
  pop(options?: PopOptions): Promise<Item | undefined>
  /** Number of items that wait. */
  size(): Promise<number>
  /** Removes all items. */
  clear(): Promise<void>
  /** Lets go of whatever connects it. The items stay. */
  close(): Promise<void>
}
