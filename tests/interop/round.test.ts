import { expect, test } from 'vitest'
import { type Cell, cellsOf } from './matrix.ts'
import type { Letter, Party, UnreadableArrival } from './party.ts'
import { type Arrival, expectedArrival } from './published.ts'
import { runRound } from './round.ts'

type Arrivals = readonly (Arrival | UnreadableArrival)[]

const cells = cellsOf({ publisher: 'dashi', consumer: 'kombu56', broker: 'redis' }).filter(
  ({ exchange, compression }) => exchange === 'topic' && compression === 'none',
)

/** A party that talks to itself, and loses or changes what it is told to. */
function loop(change: (arrival: Arrival, letter: Letter) => Arrivals) {
  const arrived: (Arrival | UnreadableArrival)[] = []
  const events: string[] = []
  const party: Party = {
    consume: async () => {
      events.push('consume')
      return {
        refusals: new Map(),
        collect: async () => arrived.splice(0),
        close: async () => {
          events.push('close')
        },
      }
    },
    publish: async (letters) => {
      events.push('publish')
      for (const letter of letters) {
        arrived.push(...change(expectedArrival(letter, letter.mark), letter))
      }
      return letters.map(() => undefined)
    },
  }
  return { party, events }
}

function run(party: Party, tried: readonly Cell[] = cells) {
  const waits = { arrivalMs: 5, absenceMs: 5 }
  return runRound(tried, { publisher: party, consumer: party, unique: 'u', ...waits })
}

test('runRound() is content with what was published, in any order', async () => {
  const { party, events } = loop((arrival) => [arrival])
  expect(await run(party)).toEqual(cells.map(() => undefined))
  expect(events).toEqual(['consume', 'publish', 'close'])
})

test('runRound() says of each cell alone what is wrong with it', async () => {
  const { party } = loop((arrival, { body }) => (body === 'yaml' ? [] : [arrival]))
  const failures = await run(party)
  expect(failures.map((failure, index) => failure && [cells[index]?.body, failure])).toEqual(
    cells.map(({ body }) => (body === 'yaml' ? ['yaml', 'nothing arrived'] : undefined)),
  )
})

test.each<[string, (arrival: Arrival) => Arrivals, RegExp]>([
  ['nothing arrives', () => [], /^nothing arrived$/],
  ['it arrives twice', (arrival) => [arrival, arrival], /^it arrived 2 times$/],
  ['it cannot be read', ({ mark }) => [{ mark, error: 'torn' }], /^torn$/],
  ['it has another body', (arrival) => [{ ...arrival, body: 'other' }], /^arrived .* instead of /s],
  ['its content type differs', (arrival) => [{ ...arrival, contentType: 'a/b' }], / instead of /],
  ['its encoding differs', (arrival) => [{ ...arrival, contentEncoding: 'x' }], / instead of /],
  ['its compression differs', (arrival) => [{ ...arrival, compression: 'x' }], / instead of /],
  ['it is another', (arrival) => [{ ...arrival, mark: 'other' }], /^nothing arrived$/],
])('runRound() tells when %s, and closes what it opened', async (_what, change, failure) => {
  const { party, events } = loop(change)
  for (const told of await run(party)) expect(told).toMatch(failure)
  expect(events.at(-1)).toBe('close')
})

test('runRound() tells who refused', async () => {
  const { party } = loop(() => [])
  const publisher: Party = { ...party, publish: async (letters) => letters.map(() => 'refused') }
  const waits = { arrivalMs: 5, absenceMs: 5 }
  const failures = await runRound(cells, { publisher, consumer: party, unique: 'u', ...waits })
  expect(new Set(failures)).toEqual(new Set(['refused']))
})

test('runRound() is content with an impossible cell only when it does not work', async () => {
  const impossible = cells.map((cell) => ({ ...cell, impossible: 'no such exchange' }))
  expect(await run(loop(() => []).party, impossible)).toEqual(cells.map(() => undefined))
  const works = await run(loop((arrival) => [arrival]).party, impossible)
  expect(new Set(works)).toEqual(new Set(['it works, although: no such exchange']))
})
