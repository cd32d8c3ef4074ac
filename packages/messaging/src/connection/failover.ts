/** In which order the addresses of a failover list are tried. */
import { ConfigurationError } from '../errors.ts'

/** Names of the built-in strategies, or a function from the list to an endless iterable of its members. */
export type FailoverStrategy =
  | 'round-robin'
  | 'shuffle'
  | ((urls: readonly string[]) => Iterable<string>)

/** Kombu's `failover_strategies`. */
export const failoverStrategies: Readonly<
  Record<'round-robin' | 'shuffle', (urls: readonly string[]) => Iterable<string>>
> = Object.freeze({ 'round-robin': roundRobin, shuffle })

/** Walks over the addresses. The current one stays until `next()`. */
export class FailoverCycle {
  readonly #urls: readonly string[]
  readonly #iterator: Iterator<string>
  #current: string

  constructor(urls: readonly string[], strategy: FailoverStrategy) {
    this.#urls = urls
    this.#iterator = iterate(urls, strategy)
    this.#current = this.#step()
  }

  get current(): string {
    return this.#current
  }

  get size(): number {
    return this.#urls.length
  }

  /** Moves on. @returns the new current address. */
  next(): string {
    this.#current = this.#step()
    return this.#current
  }

  #step(): string {
    const { value, done } = this.#iterator.next()
    if (!done && typeof value === 'string') return value
    throw new ConfigurationError(
      'BAD_OPTION',
      'failoverStrategy ended: it must return an endless iterable of broker URLs',
    )
  }
}

function iterate(urls: readonly string[], strategy: FailoverStrategy): Iterator<string> {
  const make = typeof strategy === 'function' ? strategy : failoverStrategies[strategy]
  if (typeof make === 'function') return make(urls)[Symbol.iterator]()
  throw new ConfigurationError(
    'BAD_OPTION',
    `failoverStrategy is "${String(strategy)}": use 'round-robin', 'shuffle' or a function`,
  )
}

function* roundRobin(urls: readonly string[]): Iterable<string> {
  for (;;) yield* urls
}

/** One random order, repeated, so that every pass over the list meets every address. Kombu draws each time, and may miss some. */
function* shuffle(urls: readonly string[]): Iterable<string> {
  const drawn = urls.map((url) => ({ url, rank: Math.random() }))
  const order = drawn.sort((a, b) => a.rank - b.rank).map(({ url }) => url)
  for (;;) yield* order
}
