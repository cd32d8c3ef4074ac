/** What happened to each message, and which faults there were: the ledgers, put together. */
import type { LedgerEvent } from '../ledger/ledger-event.ts'

/** What a publisher knows of a message at the end. */
export type Outcome = 'confirmed' | 'refused' | 'unknown'

/** One time that a message was handed to a consumer. */
export interface Delivery {
  readonly consumer: string
  /** Numbers the deliveries of that consumer. */
  readonly serial: number
  /** Numbers the connections of that consumer. */
  readonly epoch: number
  readonly atMs: number
  readonly redelivered: boolean
  handledAtMs?: number
  ackSentAtMs?: number
  /** The broker has said that it knows of the acknowledgement. */
  ackKnownAtMs?: number
  requeuedAtMs?: number
  isMangled?: boolean
}

/** One message, by its id. */
export interface MessageHistory {
  readonly id: string
  publishedAtMs?: number
  /** Nobody can read it. */
  isPoison?: boolean
  /** The publisher may have been killed before it knew. */
  outcome?: Outcome
  /** In order of time. */
  readonly deliveries: Delivery[]
}

/** One thing that the injector did. */
export interface Fault {
  readonly kind: string
  readonly target: string
  readonly beginMs: number
  /** Infinity: the run ended before. */
  endMs: number
}

/** A connection that ended under its consumer. */
export interface LostEpoch {
  readonly consumer: string
  readonly epoch: number
  readonly atMs: number
  /** Of the error that ended it. */
  readonly code: string
}

/** Everything that the ledgers tell. */
export interface History {
  readonly messages: ReadonlyMap<string, MessageHistory>
  readonly faults: readonly Fault[]
  readonly lostEpochs: readonly LostEpoch[]
  /** Why publishers do not know an outcome, or were refused. */
  readonly failures: readonly string[]
  readonly warnings: readonly string[]
  readonly errors: readonly string[]
  readonly gauges: { readonly maxRssMebibytes: number; readonly maxInFlight: number }
}

/** @param events In order of time. */
export function historyOf(events: readonly LedgerEvent[]): History {
  const story = new Story()
  for (const event of events) story.tell(event)
  return story.history
}

const outcomes = { C: 'confirmed', X: 'refused', U: 'unknown' } as const
const steps = {
  H: 'handledAtMs',
  A: 'ackSentAtMs',
  a: 'ackKnownAtMs',
  R: 'requeuedAtMs',
} as const

class Story {
  readonly #messages = new Map<string, MessageHistory>()
  readonly #deliveries = new Map<string, Delivery>()
  readonly #faults: Fault[] = []
  readonly #lostEpochs: LostEpoch[] = []
  readonly #failures: string[] = []
  readonly #warnings: string[] = []
  readonly #errors: string[] = []
  readonly #gauges = { maxRssMebibytes: 0, maxInFlight: 0 }

  get history(): History {
    return {
      messages: this.#messages,
      faults: this.#faults,
      lostEpochs: this.#lostEpochs,
      failures: this.#failures,
      warnings: this.#warnings,
      errors: this.#errors,
      gauges: this.#gauges,
    }
  }

  tell(event: LedgerEvent): void {
    const { code, actor, atMs, words } = event
    const [first = '', second = ''] = words
    if (code === 'P') this.#published(event)
    else if (code === 'C' || code === 'X' || code === 'U') this.#answered(event, code)
    else if (code === 'D') this.#delivered(event)
    else if (code === 'M') this.#step(event).isMangled = true
    else if (code === 'L') {
      this.#lostEpochs.push({ consumer: actor, epoch: Number(first), atMs, code: second })
    } else if (code === 'F') this.#fault(event)
    else if (code === 'G') this.#gauge(Number(first), actor.startsWith('c') ? Number(second) : 0)
    else if (code === 'W') this.#warnings.push(`${actor}: ${words.join(' ')}`)
    else if (code === 'E') this.#errors.push(`${actor}: ${words.join(' ')}`)
    else this.#step(event)[steps[code]] = atMs
  }

  #published({ atMs, words }: LedgerEvent): void {
    const [id = '', kind] = words
    const message = this.#message(id)
    message.publishedAtMs = atMs
    message.isPoison = kind === 'poison'
  }

  #answered({ actor, words }: LedgerEvent, code: keyof typeof outcomes): void {
    const [id = '', ...reason] = words
    this.#message(id).outcome = outcomes[code]
    if (code !== 'C') this.#failures.push(`${actor}: ${outcomes[code]}: ${reason.join(' ')}`)
  }

  #message(id: string): MessageHistory {
    const known = this.#messages.get(id)
    if (known !== undefined) return known
    const message: MessageHistory = { id, deliveries: [] }
    this.#messages.set(id, message)
    return message
  }

  #delivered({ actor, atMs, words }: LedgerEvent): void {
    const [id = '', serial, epoch, redelivered] = words
    const delivery: Delivery = {
      consumer: actor,
      serial: Number(serial),
      epoch: Number(epoch),
      atMs,
      redelivered: redelivered === '1',
    }
    this.#deliveries.set(`${actor} ${serial}`, delivery)
    this.#message(id).deliveries.push(delivery)
  }

  /** The delivery that an event is about. */
  #step({ actor, code, words }: LedgerEvent): Delivery {
    const delivery = this.#deliveries.get(`${actor} ${words[1]}`)
    if (delivery !== undefined) return delivery
    throw new Error(`${actor} wrote ${code} about delivery ${words[1]}, which never began`)
  }

  #fault({ atMs, words }: LedgerEvent): void {
    const [kind = '', target = '', edge] = words
    if (edge === 'begin') this.#faults.push({ kind, target, beginMs: atMs, endMs: Infinity })
    const begun = this.#faults.findLast((fault) => fault.target === target)
    if (edge === 'end' && begun !== undefined) begun.endMs = atMs
  }

  #gauge(rssMebibytes: number, inFlight: number): void {
    const { maxRssMebibytes, maxInFlight } = this.#gauges
    this.#gauges.maxRssMebibytes = Math.max(maxRssMebibytes, rssMebibytes)
    this.#gauges.maxInFlight = Math.max(maxInFlight, inFlight)
  }
}
