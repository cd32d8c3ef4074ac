import type {
  Lease,
  Settlement,
  StoredMessage,
  StoreSession,
  TakeRequest,
} from '@dashi/messaging/transport'
import { afterAll, describe, expect, test } from 'vitest'
import { type ArrayBroker, ArraySession, arrays } from './fixtures/array-broker.ts'
import type { TransportSetup } from './setup.ts'
import { casesFor, runCase, subjectOf, testTransport } from './test-transport.ts'

function newBroker(): ArrayBroker {
  return { queues: new Map(), waiting: new Set() }
}

const broker = newBroker()

testTransport(
  { describe, test, expect, afterAll },
  { name: 'arrays', only: 'core', create: () => arrays(broker) },
)

/** Runs cases until one fails. @returns its name. */
async function firstFailure(
  wrap: (session: StoreSession) => Partial<StoreSession>,
): Promise<string | undefined> {
  const shared = newBroker()
  const open = (given: ArrayBroker) => {
    const session = new ArraySession(given)
    return Object.assign(session, wrap(session))
  }
  const setup: TransportSetup = { name: 'broken', only: 'core', create: () => arrays(shared, open) }
  const subject = subjectOf(setup)
  for (const group of casesFor(subject)) {
    for (const one of group.cases) {
      const failed = await runCase(one, subject, expect).then(
        () => false,
        () => true,
      )
      if (failed) return `${group.name}: ${one.name}`
    }
  }
  return undefined
}

describe('a store that', () => {
  test('works passes the core', async () => {
    expect(await firstFailure(() => ({}))).toBeUndefined()
  })

  test.each<[string, (session: StoreSession) => Partial<StoreSession>, string]>([
    ['loses what it takes from publishers', () => ({ put: async () => undefined }), 'publish'],
    [
      'stores the latest first',
      (session) => {
        const put = session.put.bind(session)
        return { put: (messages: readonly StoredMessage[]) => put(messages.toReversed()) }
      },
      'publish',
    ],
    [
      'stores twice',
      (session) => {
        const put = session.put.bind(session)
        return { put: (messages: readonly StoredMessage[]) => put([...messages, ...messages]) }
      },
      'publish',
    ],
    [
      'takes more than it was asked for',
      (session) => {
        const take = session.take.bind(session)
        return { take: (request: TakeRequest) => take({ ...request, limit: 100 }) }
      },
      'publish',
    ],
    [
      'ignores settlements',
      () => ({
        settle: async (settlements: readonly Settlement[]) => settlements.map(() => true),
      }),
      'settle',
    ],
    [
      'drops what is requeued',
      (session) => {
        const settle = session.settle.bind(session)
        return {
          settle: (settlements: readonly Settlement[]) =>
            settle(settlements.map(({ token, queue }) => ({ outcome: 'done', token, queue }))),
        }
      },
      'settle',
    ],
    [
      'releases to the end of the queue',
      (session) => {
        const settle = session.settle.bind(session)
        return {
          settle: (settlements: readonly Settlement[]) =>
            settle(
              settlements.map((one) =>
                one.outcome === 'release' ? { ...one, outcome: 'requeue' } : one,
              ),
            ),
        }
      },
      'settle',
    ],
    ['never wakes', () => ({ wait: (_, signal) => aborted(signal) }), 'consume'],
    ['says that nothing waits', () => ({ declareQueue: async () => 0 }), 'queues'],
    ['purges nothing', () => ({ purgeQueue: async () => 3 }), 'queues'],
    [
      'holds nothing, and so forgets what a closed connection had',
      (session) => {
        const take = session.take.bind(session)
        return {
          async take(request: TakeRequest): Promise<readonly Lease[]> {
            const leases = await take({ ...request, noAck: true })
            return leases.map((lease) => ({ ...lease, token: crypto.randomUUID() }))
          },
        }
      },
      'publish',
    ],
  ])('%s fails', async (_, wrap, group) => {
    expect(await firstFailure(wrap)).toMatch(new RegExp(`^${group}:`))
  })
})

describe('testTransport()', () => {
  test('wants to be able to kill a process that holds messages', () => {
    const transport = arrays(newBroker())
    const leased = { ...transport, capabilities: { ...transport.capabilities, leases: true } }
    const setup = { name: 'leased', create: () => leased }
    expect(() => subjectOf(setup)).toThrow(/process/)
  })

  test('tests one answer of each capability, never none', () => {
    const transport = arrays(newBroker())
    const yes = subjectOf({ name: 'yes', create: () => transport })
    const no = subjectOf({
      name: 'no',
      create: () => ({
        ...transport,
        capabilities: {
          ...transport.capabilities,
          ...({ exchangeTypes: ['direct'], messageTtl: false, deadLetters: false } as const),
        },
      }),
    })
    const names = (subject: typeof yes) =>
      casesFor(subject).map(({ name, cases }) => [name, cases.length > 0])
    expect(names(no)).toEqual(names(yes))
    const all = JSON.stringify(casesFor(no))
    for (const said of [
      'exchanges of type fanout are refused',
      'expiration is carried',
      'is ignored',
    ])
      expect(all).toContain(said)
  })

  test('every case has a name of its own', () => {
    const subject = subjectOf({ name: 'names', create: () => arrays(newBroker()) })
    for (const { cases } of casesFor(subject)) {
      const names = cases.map(({ name }) => name)
      expect(new Set(names).size).toBe(names.length)
    }
  })
})

async function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return
  await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }))
}
