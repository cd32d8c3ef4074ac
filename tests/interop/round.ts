/**
 * One round of the matrix: a party consumes, another publishes everything that the two have to try, and each
 * message that arrives is compared with what its cell has to see.
 */
import { isDeepStrictEqual } from 'node:util'
import { type Cell, type ExchangeKind, exchangeKinds } from './matrix.ts'
import type { Inbox, Letter, Party, UnreadableArrival } from './party.ts'
import { type Arrival, expectedArrival } from './published.ts'
import { type Route, routeOf } from './route.ts'

/** How to carry out a round. */
export interface RoundOptions {
  readonly publisher: Party
  readonly consumer: Party
  /** Makes names that nobody else uses. */
  readonly unique: string
  /** Longest wait for messages that have to arrive. */
  readonly arrivalMs: number
  /** How long to watch that nothing else does. */
  readonly absenceMs: number
}

/** What became of a letter. */
interface Fate {
  readonly refusal: string | undefined
  readonly arrivals: readonly (Arrival | UnreadableArrival)[]
}

/**
 * Carries out the cells of one pairing. Each message has to arrive once, as it was published; one of an impossible
 * cell must not.
 *
 * @returns for each cell what is wrong; `undefined` when nothing is.
 */
export async function runRound(
  cells: readonly Cell[],
  options: RoundOptions,
): Promise<readonly (string | undefined)[]> {
  const routes = routesOf(cells, options.unique)
  const letters = cells.map((cell, index) => letterOf(cell, routes, index))
  const inbox = await options.consumer.consume([...routes.values()])
  try {
    const refusals = await options.publisher.publish(letters)
    const arrivals = await arrivalsOf(cells, inbox, options)
    return cells.map((cell, index) => {
      const letter = letters[index]
      if (letter === undefined) return 'it was not published'
      const refusal = inbox.refusals.get(letter.route) ?? refusals[index]
      const own = arrivals.filter(({ mark }) => mark === letter.mark)
      return verdict(cell, letter, { refusal, arrivals: own })
    })
  } finally {
    await inbox.close()
  }
}

function routesOf(cells: readonly Cell[], unique: string): ReadonlyMap<ExchangeKind, Route> {
  const [first] = cells
  const kinds = exchangeKinds.filter((kind) => cells.some(({ exchange }) => exchange === kind))
  if (first === undefined) return new Map()
  return new Map(kinds.map((kind) => [kind, routeOf(first.broker, kind, unique)]))
}

function letterOf(cell: Cell, routes: ReadonlyMap<ExchangeKind, Route>, index: number): Letter {
  const { exchange, body, compression } = cell
  const route = routes.get(exchange)
  if (route === undefined) throw new Error(`There is no route for ${exchange}`)
  return { route, body, compression, mark: `${index} ${exchange} ${body} ${compression}` }
}

/** Those that have to come, and whatever comes within a while after them. */
async function arrivalsOf(cells: readonly Cell[], inbox: Inbox, options: RoundOptions) {
  const count = cells.filter(({ impossible }) => impossible === undefined).length
  const first = await inbox.collect({ count, timeoutMs: options.arrivalMs })
  const more = await inbox.collect({ count: cells.length, timeoutMs: options.absenceMs })
  return [...first, ...more]
}

function verdict(cell: Cell, letter: Letter, fate: Fate): string | undefined {
  const failure = failureOf(letter, fate)
  if (cell.impossible === undefined) return failure
  return failure === undefined ? `it works, although: ${cell.impossible}` : undefined
}

function failureOf(letter: Letter, { refusal, arrivals }: Fate): string | undefined {
  if (refusal !== undefined) return refusal
  const [arrival] = arrivals
  if (arrival === undefined) return 'nothing arrived'
  if (arrivals.length > 1) return `it arrived ${arrivals.length} times`
  if ('error' in arrival) return arrival.error
  const expected = expectedArrival(letter, letter.mark)
  if (isDeepStrictEqual(arrival, expected)) return undefined
  return `arrived ${JSON.stringify(arrival)} instead of ${JSON.stringify(expected)}`
}
