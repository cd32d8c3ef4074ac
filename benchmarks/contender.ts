/** What every contender of a messaging benchmark can do, whatever it is made of. */

/** A queue system under measurement, in a process of its own. */
export interface Contender {
  /** Publishes `count` messages with at most `inFlight` not yet confirmed. Resolves when all are. */
  publish(count: number, inFlight: number): Promise<void>
  /**
   * Consumes `count` messages with a handler that does nothing, at most `concurrency` at a time, each acknowledged.
   * Calls `onSettled` for each. Resolves when all are settled in the broker.
   */
  drain(count: number, concurrency: number, onSettled: () => void): Promise<void>
  close(): Promise<void>
}

/** How messages are to be kept. */
export interface Keeping {
  readonly isPersistent?: boolean
}

/** Makes a contender on an empty broker. */
export type MakeContender = (url: string, keeping: Keeping) => Promise<Contender>

/** About 220 bytes of JSON, the same for everybody. */
export const body: Readonly<Record<string, unknown>> = {
  id: 123_456,
  type: 'order.created',
  customer: { id: 987, name: 'Ada Lovelace', email: 'ada@example.org' },
  items: [
    { sku: 'A-100', quantity: 2, price: 19.9 },
    { sku: 'B-200', quantity: 1, price: 5.5 },
  ],
  note: 'leave at the door, ring twice',
}

/** Calls `run` `count` times, at most `inFlight` at once. */
export async function pump(
  count: number,
  inFlight: number,
  run: () => Promise<unknown>,
): Promise<void> {
  let left = count
  const worker = async () => {
    while (left > 0) {
      left -= 1
      await run()
    }
  }
  await Promise.all(Array.from({ length: inFlight }, worker))
}
