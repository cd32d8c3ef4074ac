/** What is put under faults: a broker of our own, and the way to it. */

/** What a broker holds. */
export interface Remains {
  /** Messages waiting. */
  readonly ready: number
  /** Messages out with a consumer, alive or not. */
  readonly leased: number
  /** Consumers' sessions that it knows of. */
  readonly holders: number
  /** Anything else that should be gone when all messages are. */
  readonly other: readonly string[]
}

/** A message that was set aside because nobody could read it. */
export interface Quarantined {
  readonly id: string
  /** Why. */
  readonly code: unknown
  /** As it came. */
  readonly body: string
}

/** A broker that can be killed. */
export interface BrokerControl {
  /** Ends it with SIGKILL and resolves when it is gone. */
  kill(): Promise<void>
  /** Starts it again on the same data and resolves at its first answer. */
  start(): Promise<void>
  /** SIGSTOP: it keeps its connections and answers nothing. */
  pause(): void
  resume(): void | Promise<void>
  /** Brings back what the fault still lacks, after it has ended: whoever the broker may lose next. */
  heal?(): Promise<void>
  /** Has it refuse to store anything, or accept it again. */
  limitMemory(isFull: boolean): Promise<void>
}

/** A broker under test, asked past our own code, so that its defects cannot hide anything. */
export interface Subject extends AsyncDisposable {
  readonly url: string
  /** For `Connection`, and for Kombu's. */
  readonly transportOptions: Readonly<Record<string, unknown>>
  /** For publishers, where they need others. */
  readonly publisherOptions?: Readonly<Record<string, unknown>>
  /** Of the queue of every run. Default: none. */
  readonly queueArguments?: Readonly<Record<string, string>>
  /** Name and version. */
  readonly version: string
  /** Absent where there is no process that could be killed. */
  readonly broker?: BrokerControl
  remains(): Promise<Remains>
  /** All ids of messages that it holds, waiting or out. */
  remainingIds(): Promise<ReadonlySet<string>>
  quarantined(): Promise<readonly Quarantined[]>
}

/** The queue of every run. */
export const queueName = 'faults'

/** Where `@dashi/messaging` puts what it cannot read, unless told otherwise. */
export const quarantineName = 'dashi.quarantine'

/** The ids in the texts of envelopes. */
export function idsIn(texts: Iterable<string>): ReadonlySet<string> {
  const ids = new Set<string>()
  for (const text of texts) {
    for (const [, id = ''] of text.matchAll(/"message_id":\s*"([^"]+)"/g)) ids.add(id)
  }
  return ids
}

/** @param envelopes Texts of Kombu's wire form. */
export function quarantinedIn(envelopes: readonly string[]): readonly Quarantined[] {
  return envelopes.map((text) => {
    const { headers, properties, body } = JSON.parse(text)
    const encoding = properties.body_encoding === 'base64' ? 'base64' : 'utf8'
    return {
      id: String(properties.message_id),
      code: headers['x-quarantine-code'],
      body: Buffer.from(String(body), encoding).toString(),
    }
  })
}
