import { expect, test } from 'vitest'
import { type Arrival, expectedArrival, type Party, routeOf, runCell } from './cell.ts'
import { bodyKinds, type Cell, exchangeKinds } from './matrix.ts'

const cell: Cell = {
  publisher: 'dashi',
  consumer: 'kombu56',
  broker: 'redis',
  exchange: 'topic',
  body: 'json',
  impossible: undefined,
}

/** A party that talks to itself, and loses or changes what it is told to. */
function loop(change: (arrival: Arrival) => Arrival | undefined) {
  const arrived: (Arrival | undefined)[] = []
  const events: string[] = []
  const party: Party = {
    consume: async () => {
      events.push('consume')
      return {
        next: async () => arrived.shift(),
        close: async () => {
          events.push('close')
        },
      }
    },
    publish: async (_route, { body, mark }) => {
      events.push('publish')
      arrived.push(change(expectedArrival(body, mark)))
    },
  }
  return { party, events }
}

function run(party: Party, body: Cell['body'] = 'json') {
  return runCell(
    { ...cell, body },
    { publisher: party, consumer: party, unique: 'u', timeoutMs: 5 },
  )
}

test.for(bodyKinds)('runCell() is content with what was published: %s', async (body) => {
  const { party, events } = loop((arrival) => arrival)
  expect(await run(party, body)).toBeUndefined()
  expect(events).toEqual(['consume', 'publish', 'close'])
})

test('runCell() tells when nothing arrives, and closes what it opened', async () => {
  const { party, events } = loop(() => undefined)
  expect(await run(party)).toBe('nothing arrived within 5 ms')
  expect(events.at(-1)).toBe('close')
})

test.each<[string, Partial<Arrival>]>([
  ['body', { body: 'other' }],
  ['content type', { contentType: 'text/plain' }],
  ['content encoding', { contentEncoding: 'ascii' }],
  ['compression', { compression: 'application/x-gzip' }],
  ['mark', { mark: 'of another cell' }],
])('runCell() tells when another %s arrives', async (_what, other) => {
  const { party } = loop((arrival) => ({ ...arrival, ...other }))
  expect(await run(party)).toMatch(/^arrived .* instead of /s)
})

test('routeOf() binds and routes so that the message finds its queue', () => {
  for (const exchange of exchangeKinds) {
    const route = routeOf({ ...cell, exchange }, 'u')
    expect(route).toMatchObject({ exchange, exchangeName: 'exchange-u', queueName: 'queue-u' })
    if (exchange === 'default') expect(route.routingKey).toBe(route.queueName)
    if (exchange !== 'topic') expect(route.bindingKey).toBe(route.routingKey)
  }
})
