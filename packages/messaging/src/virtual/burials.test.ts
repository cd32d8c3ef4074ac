import { expect, test } from 'vitest'
import { PublishError } from '../errors.ts'
import type { OutgoingMessage } from '../message/envelope.ts'
import { type BurialParts, Burials } from './burials.ts'
import { ChannelSettlements } from './channel-settlements.ts'
import { EnvelopeMessage } from './envelope-message.ts'
import type { Lease, Settlement } from './queue-store.ts'
import { Settler } from './settler.ts'

const queue = {
  name: 'q',
  ...{ durable: true, exclusive: false, autoDelete: false, passive: false },
  arguments: { 'x-dead-letter-exchange': 'letters' },
}
const lease: Lease = { queue: 'q', payload: '{}', token: 't' }
const message = new EnvelopeMessage({ properties: { priority: 4, delivery_info: {} } }, 'q')

/** Everything that happens, in order. */
function harness(publish: (letter: OutgoingMessage) => Promise<void>) {
  const log: string[] = []
  const settle = async (settlements: readonly Settlement[]) => {
    for (const { outcome, token } of settlements) log.push(`${outcome} ${token}`)
    return settlements.map(() => true)
  }
  const settlements = new ChannelSettlements(new Settler({ settle }))
  const parts: BurialParts = {
    settlements,
    publish,
    putAgain: async ({ queue: name }, priority) => void log.push(`again ${name} ${priority}`),
    report: (error) => log.push(`report ${error}`),
    onDone: () => log.push('credit'),
  }
  return { log, burials: new Burials(parts), settled: () => settlements.settled() }
}

test('the letter is stored before the message goes', async () => {
  const stored = Promise.withResolvers<void>()
  const { log, burials, settled } = harness(() => stored.promise)
  burials.bury({ lease, message, reason: 'rejected', queue })
  expect(burials.count).toBe(1)
  await settled()
  expect(log).toEqual([])
  stored.resolve()
  await burials.done()
  await settled()
  expect(log).toEqual(['credit', 'done t'])
  expect(burials.count).toBe(0)
})

test('without a place for letters the message just goes', async () => {
  const { log, burials, settled } = harness(() => Promise.reject(new Error('not to be called')))
  burials.bury({ lease, message, reason: 'rejected', queue: undefined })
  burials.bury({ lease: { ...lease, token: '' }, message, reason: 'expired', queue: undefined })
  await settled()
  expect(log).toEqual(['done t'])
})

test('a refused letter is told, and the message goes back, not at once', async () => {
  const refusal = new PublishError('REFUSED', 'full')
  const { log, burials, settled } = harness(() => Promise.reject(refusal))
  burials.bury({ lease, message, reason: 'expired', queue })
  await settled()
  expect(log).toEqual(['report PublishError: full'])
  expect(burials.count).toBe(1)
  burials.hurry()
  await burials.done()
  await settled()
  expect(log).toEqual(['report PublishError: full', 'credit', 'requeue t'])
})

test('a message without lease is put back when its letter is refused', async () => {
  const { log, burials } = harness(() => Promise.reject(new PublishError('REFUSED', 'full')))
  burials.hurry()
  burials.bury({ lease: { ...lease, token: '' }, message, reason: 'expired', queue })
  await burials.done()
  expect(log).toEqual(['report PublishError: full', 'again q 4', 'credit'])
})
