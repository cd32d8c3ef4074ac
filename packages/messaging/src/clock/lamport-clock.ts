/**
 * Order without synchronised clocks. Source: kombu/clocks.py.
 */

/** An event as its sender saw it. */
export interface EventTime {
  /** Of the sender's {@link LamportClock}; `undefined` or 0 if it has none. */
  readonly clock: number | undefined
  /** Unix time in seconds. */
  readonly timestamp: number
  /** Of the sender, usually `hostname:pid`. Decides ties. */
  readonly id: string
}

/**
 * A counter that every message carries and every receiver moves past, so that an effect always has a
 * higher number than its cause.
 *
 * @example
 * headers: { clock: clock.forward() }        // when sending
 * clock.adjust(message.headers['clock'])     // when receiving
 */
export class LamportClock {
  #value: number

  /** @throws {RangeError} unless `initialValue` is a whole number that is not negative. */
  constructor(initialValue = 0) {
    this.#value = checkedClock(initialValue)
  }

  get value(): number {
    return this.#value
  }

  /** Counts an event of one's own. @returns the new value. */
  forward(): number {
    this.#value += 1
    return this.#value
  }

  /**
   * Moves past the value that a message brought.
   *
   * @returns the new value.
   * @throws {RangeError} unless `other` is a whole number that is not negative.
   */
  adjust(other: number): number {
    this.#value = Math.max(this.#value, checkedClock(other)) + 1
    return this.#value
  }

  /**
   * The event that comes first in a list sorted by clock; of several with its clock value, that of
   * the lowest process id.
   *
   * @param heap `[clock, processId, …]` each.
   * @returns `undefined` for an empty list.
   */
  sortHeap<Event extends readonly [clock: number, processId: string, ...unknown[]]>(
    heap: readonly Event[],
  ): Event | undefined {
    const first = heap.filter(([clock]) => clock === heap[0]?.[0])
    return first.sort(([, a], [, b]) => (a < b ? -1 : 1))[0]
  }
}

/**
 * Compares events for sorting: by clock where both have one, ties by id; else by timestamp.
 *
 * Kombu's `timetuple`.
 */
export function compareEventTimes(a: EventTime, b: EventTime): number {
  if (!a.clock || !b.clock) return a.timestamp - b.timestamp
  if (a.clock !== b.clock) return a.clock - b.clock
  if (a.id === b.id) return 0
  return a.id < b.id ? -1 : 1
}

// Half of what a number can count to, so that one absurd message cannot stop the clock for ever.
const maxClock = 2 ** 52

function checkedClock(value: number): number {
  if (Number.isSafeInteger(value) && value >= 0 && value <= maxClock) return value
  throw new RangeError(
    `A clock value has to be a whole number from 0 to 2^52, not ${String(value)}`,
  )
}
