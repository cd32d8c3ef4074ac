/** Kombu's tests as trials: each at every place, in every pair of languages. */
import { randomUUID } from 'node:crypto'
import { type Batch, messageOf, type Trial } from '../batch.ts'
import type { BrokerAddresses } from '../broker-address.ts'
import { impossibility, type PartyName, partyNames } from '../matrix.ts'
import type { Parties } from '../parties.ts'
import { kombuTests } from './kombu-tests.ts'
import { brokerOf, type Mirror, type MirrorPlace } from './mirror.ts'
import { MirrorEnds } from './mirror-ends.ts'
import { mirrors, unmirrored } from './mirrors.ts'

/** Where the tests run, and which. */
export interface MirrorRun {
  readonly addresses: BrokerAddresses
  readonly parties: Parties
  isWanted(name: string): boolean
}

/** A mirror at a place. */
interface Placed {
  readonly test: string
  readonly mirror: Mirror
  readonly place: MirrorPlace
}

interface Direction {
  readonly publisher: PartyName
  readonly consumer: PartyName
}

/** With us on at least one end: what Kombu does with itself, its own tests try. */
const directions: readonly Direction[] = [
  { publisher: 'dashi', consumer: 'dashi' },
  ...partyNames
    .filter((name) => name !== 'dashi')
    .flatMap((name): readonly Direction[] => [
      { publisher: 'dashi', consumer: name },
      { publisher: name, consumer: 'dashi' },
    ]),
]

/** A batch for each test and place, and one for each test that nothing mirrors: it fails. */
export function mirrorBatches({ addresses, parties, isWanted }: MirrorRun): readonly Batch[] {
  const ends = new MirrorEnds(addresses, parties)
  return [
    ...placedMirrors().map((placed) => {
      const tried = directionsOf(placed).filter((one) => isWanted(trialName(placed, one)))
      return batchOf(placed, tried, ends)
    }),
    ...unmirrored().map(({ name }) => missingBatch(name)),
  ]
}

function placedMirrors(): readonly Placed[] {
  return kombuTests.flatMap(({ name }) => {
    const mirror = mirrors[name]
    if (mirror === undefined) return []
    return mirror.places.map((place) => ({ test: name, mirror, place }))
  })
}

function directionsOf({ mirror, place }: Placed): readonly Direction[] {
  if (mirror.sides === 'ours') return directions.slice(0, 1)
  const { exchange = 'default' } = mirror
  const broker = brokerOf(place)
  return directions.filter(
    ({ publisher }) => impossibility({ publisher, broker }, exchange) === undefined,
  )
}

function trialName({ test, place }: Placed, { publisher, consumer }: Direction): string {
  return `${publisher} > ${consumer} ${place} ${test}`
}

/** Its directions are tried side by side: no two of them share an end of Kombu's. */
function batchOf(placed: Placed, tried: readonly Direction[], ends: MirrorEnds): Batch {
  const { test, place } = placed
  const trials: readonly Trial[] = tried.map((direction) => ({
    name: trialName(placed, direction),
    group: `Kombu's own tests, ${place}`,
    impossible: placed.mirror.impossible?.(direction.consumer),
    mirrors: { test, place },
  }))
  return {
    name: `${place} ${test}`,
    broker: brokerOf(place),
    lane: `${place} mirror`,
    trials,
    run: () => Promise.all(tried.map((direction) => verdict(placed, direction, ends))),
  }
}

/** What cannot work has to be seen not to. */
async function verdict(
  placed: Placed,
  direction: Direction,
  ends: MirrorEnds,
): Promise<string | undefined> {
  const failure = await failureOf(placed, direction, ends)
  const impossible = placed.mirror.impossible?.(direction.consumer)
  if (impossible === undefined) return failure
  return failure === undefined ? `it works, although: ${impossible}` : undefined
}

async function failureOf(
  { mirror, place }: Placed,
  { publisher, consumer }: Direction,
  ends: MirrorEnds,
): Promise<string | undefined> {
  const { isFailover = false } = mirror
  const { urls, nowhere } = ends.address(place, isFailover)
  const unique = randomUUID()
  const at = { place, isFailover }
  try {
    await mirror.run({
      publisher: await ends.end({ ...at, party: publisher, side: 'publisher' }),
      consumer: await ends.end({ ...at, party: consumer, side: 'consumer' }),
      ...{ place, urls, nowhere },
      name: (base) => `${base}-${unique}`,
    })
    return undefined
  } catch (error) {
    return messageOf(error)
  }
}

function missingBatch(test: string): Batch {
  const failure = "nothing mirrors this test of Kombu's"
  const trial = { name: test, group: "Kombu's own tests", impossible: undefined }
  const mirrored = { ...trial, mirrors: { test, place: 'none' } }
  return {
    ...{ name: test, broker: 'filesystem', lane: 'missing mirrors', trials: [mirrored] },
    run: async () => [failure],
  }
}
