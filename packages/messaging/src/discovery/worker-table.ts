/** Which workers are alive, by when they were last heard of. Time comes in; nothing waits. */
import type { Heartbeat } from './heartbeat.ts'

/** A worker as a registry knows it. Frozen; a newer heartbeat makes a newer value. */
export interface DiscoveredWorker {
  readonly id: string
  /** Its address, or whatever other name it goes by. */
  readonly ip: string
  readonly capabilities: readonly string[]
  /** Whether `dispatch()` can reach it. */
  readonly takesRequests: boolean
  /** Unix time in seconds in its latest heartbeat, by its own clock. */
  readonly ts: number
  /** By the registry's clock. */
  readonly firstSeenAt: Date
  readonly lastSeenAt: Date
}

/** What a heartbeat changed. */
export interface WorkerChange {
  readonly kind: 'joined' | 'updated' | 'left' | 'same'
  readonly worker: DiscoveredWorker
}

/** Two clocks: one that never jumps, for deciding, and the calendar, for people. */
export interface Instant {
  readonly monotonicMs: number
  readonly unixMs: number
}

interface Entry {
  worker: DiscoveredWorker
  heardAtMs: number
}

/** Workers by id, in the order in which they joined. */
export class WorkerTable {
  readonly #ttlMs: number
  readonly #limit: number
  readonly #entries = new Map<string, Entry>()

  /** @param limit Most workers at a time: whoever may publish could invent any number. */
  constructor(ttlMs: number, limit = 100_000) {
    this.#ttlMs = ttlMs
    this.#limit = limit
  }

  workers(): readonly DiscoveredWorker[] {
    return [...this.#entries.values()].map(({ worker }) => worker)
  }

  find(id: string): DiscoveredWorker | undefined {
    return this.#entries.get(id)?.worker
  }

  /** @returns what changed; `undefined` for a stranger's goodbye, and for a stranger when the table is full. */
  heard(beat: Heartbeat, now: Instant): WorkerChange | undefined {
    const known = this.#entries.get(beat.id)
    if (beat.isLeaving) {
      this.#entries.delete(beat.id)
      return known && { kind: 'left', worker: known.worker }
    }
    if (!known && this.#entries.size >= this.#limit) return undefined
    const worker = workerOf(beat, now, known?.worker)
    if (!known) {
      this.#entries.set(beat.id, { worker, heardAtMs: now.monotonicMs })
      return { kind: 'joined', worker }
    }
    const kind = offersTheSame(known.worker, worker) ? 'same' : 'updated'
    known.worker = worker
    known.heardAtMs = now.monotonicMs
    return { kind, worker }
  }

  /** Removes those not heard of for the time to live. */
  expire(nowMs: number): readonly DiscoveredWorker[] {
    const gone: DiscoveredWorker[] = []
    for (const [id, { worker, heardAtMs }] of this.#entries) {
      if (nowMs - heardAtMs <= this.#ttlMs) continue
      this.#entries.delete(id)
      gone.push(worker)
    }
    return gone
  }

  /** Nobody could be heard for so long, through no fault of theirs. */
  excuse(silentMs: number): void {
    for (const entry of this.#entries.values()) entry.heardAtMs += silentMs
  }
}

function workerOf(
  beat: Heartbeat,
  now: Instant,
  known: DiscoveredWorker | undefined,
): DiscoveredWorker {
  const seen = new Date(now.unixMs)
  return Object.freeze({
    id: beat.id,
    ip: beat.ip,
    capabilities: Object.freeze([...beat.capabilities]),
    takesRequests: beat.takesRequests,
    ts: beat.ts,
    firstSeenAt: known?.firstSeenAt ?? seen,
    lastSeenAt: seen,
  })
}

function offersTheSame(a: DiscoveredWorker, b: DiscoveredWorker): boolean {
  return (
    a.ip === b.ip &&
    a.takesRequests === b.takesRequests &&
    a.capabilities.length === b.capabilities.length &&
    a.capabilities.every((name, index) => name === b.capabilities[index])
  )
}
