import { expect, test } from 'vitest'
import { parseLedger } from '../ledger/ledger-event.ts'
import { historyOf } from './history.ts'

function events(ledgers: Readonly<Record<string, readonly string[]>>) {
  return Object.entries(ledgers)
    .flatMap(([actor, lines]) => parseLedger(actor, lines.map((line) => `${line}\n`).join('')))
    .sort((one, other) => one.atMs - other.atMs)
}

test('puts the ledgers of all processes together', () => {
  const { messages, faults, lostEpochs, gauges } = historyOf(
    events({
      p1: ['P 1 p1-1', 'C 2 p1-1', 'P 3 p1-2', 'U 9 p1-2', 'G 9 500 100 0'],
      c1: ['D 3 p1-1 1 1 0', 'L 4 1 LEASE_LOST', 'G 5 90 7 0'],
      c2: ['D 6 p1-1 1 1 1', 'H 7 p1-1 1', 'A 7.5 p1-1 1', 'a 8 p1-1 1'],
      injector: ['F 3.5 kill c1 begin', 'F 3.75 kill c1 end'],
    }),
  )

  expect(messages.get('p1-1')).toEqual({
    id: 'p1-1',
    publishedAtMs: 1,
    isPoison: false,
    outcome: 'confirmed',
    deliveries: [
      { consumer: 'c1', serial: 1, epoch: 1, atMs: 3, redelivered: false },
      {
        ...{ consumer: 'c2', serial: 1, epoch: 1, atMs: 6, redelivered: true },
        ...{ handledAtMs: 7, ackSentAtMs: 7.5, ackKnownAtMs: 8 },
      },
    ],
  })
  expect(messages.get('p1-2')?.outcome).toBe('unknown')
  expect(faults).toEqual([{ kind: 'kill', target: 'c1', beginMs: 3.5, endMs: 3.75 }])
  expect(lostEpochs).toEqual([{ consumer: 'c1', epoch: 1, atMs: 4, code: 'LEASE_LOST' }])
  expect(gauges).toEqual({ maxRssMebibytes: 500, maxInFlight: 7 })
})

test('tells the deliveries of one message to one consumer apart', () => {
  const { messages } = historyOf(
    events({ c1: ['D 1 p1-1 1 1 0', 'D 2 p1-1 2 2 1', 'H 3 p1-1 2', 'H 4 p1-1 1'] }),
  )

  const handled = messages.get('p1-1')?.deliveries.map(({ handledAtMs }) => handledAtMs)
  expect(handled).toEqual([4, 3])
})

test('refuses a ledger that cannot be', () => {
  expect(() => historyOf(events({ c1: ['H 1 p1-1 5'] }))).toThrow('delivery 5, which never began')
})
