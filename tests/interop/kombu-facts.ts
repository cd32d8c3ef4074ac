/** How Kombu behaves beside plain delivery, broker by broker: what scenarios may expect. Pure. */
import type { BrokerName } from './matrix.ts'
import type { KombuRelease } from './python.ts'

/** How a release of Kombu behaves on a broker. */
export interface KombuFacts {
  /** What is published to an exchange reaches queues that only another process has bound. */
  readonly sharedBindings: boolean
  /** In a topic's key, `*` matches several words too. */
  readonly starSpansWords: boolean
  /** A message that was requeued comes after those that wait, or before them. */
  readonly requeue: 'first' | 'last'
  /** A message that comes again says so. */
  readonly redelivered: boolean
  /** Which priority is served first; `false`: none. */
  readonly priorities: 'low-first' | 'high-first' | false
  /** A message is dropped when its `expiration` is over. */
  readonly expiration: boolean
  /** A rejected message goes to the queue that its own names for dead letters. */
  readonly deadLetters: boolean
  /** What the size of a queue is that nobody has declared: an error, or nothing. */
  readonly unknownQueue: 'not-found' | 'empty'
  /** Mailboxes work between processes. */
  readonly mailboxes: boolean
  /** What becomes of a message whose holder was killed. */
  readonly killedHolder: 'returns' | 'lost'
}

const sqlite: KombuFacts = {
  sharedBindings: false,
  starSpansWords: true,
  requeue: 'last',
  redelivered: false,
  priorities: false,
  expiration: false,
  deadLetters: false,
  unknownQueue: 'empty',
  mailboxes: false,
  killedHolder: 'lost',
}

const filesystem: KombuFacts = { ...sqlite, sharedBindings: true, mailboxes: true }

const newest: Readonly<Record<BrokerName, KombuFacts>> = {
  redis: {
    sharedBindings: true,
    starSpansWords: true,
    requeue: 'last',
    redelivered: true,
    priorities: 'low-first',
    expiration: false,
    deadLetters: false,
    unknownQueue: 'not-found',
    mailboxes: true,
    killedHolder: 'returns',
  },
  rabbitmq: {
    sharedBindings: true,
    starSpansWords: false,
    requeue: 'first',
    redelivered: true,
    priorities: 'high-first',
    expiration: true,
    deadLetters: true,
    unknownQueue: 'not-found',
    mailboxes: true,
    killedHolder: 'returns',
  },
  sqlite,
  filesystem,
}

/** Kombu 5.2 keeps the bindings of folders in the memory of each process. */
const oldest: Readonly<Record<BrokerName, KombuFacts>> = {
  ...newest,
  filesystem: { ...filesystem, sharedBindings: false, mailboxes: false },
}

/** Observed with 5.2.4 and 5.6.2; `kombu-facts.test.ts` observes them again. */
export const kombuFacts: Readonly<Record<KombuRelease, Readonly<Record<BrokerName, KombuFacts>>>> =
  { kombu52: oldest, kombu56: newest }
