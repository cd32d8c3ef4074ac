import { TokenBucket } from '@dashi/messaging'
import { ImproperlyConfiguredError } from '../errors.ts'
import type { Reservation } from './reservation.ts'

const secondsPer: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600 }

/**
 * Runs per second of a rate limit: `10`, `'10/s'`, `'10/m'`, `'10/h'`; 0 and null are no limit. Source: celery/utils/time.py, rate().
 *
 * @throws {ImproperlyConfiguredError}
 */
export function perSecond(limit: string | number | null | undefined): number | undefined {
  if (limit === null || limit === undefined || limit === 0 || limit === '') return undefined
  const [, count = '', unit = 's'] = /^(\d+(?:\.\d+)?)(?:\/([smh]))?$/.exec(String(limit)) ?? []
  const seconds = secondsPer[unit]
  if (count === '' || seconds === undefined) {
    throw new ImproperlyConfiguredError(
      `Rate limit "${limit}" is none. Write a number per second, or '10/s', '10/m', '10/h'`,
    )
  }
  return Number(count) / seconds || undefined
}

/** What waits for its turn, per task: a bucket of one token, no bursts. */
interface Turnstile {
  readonly bucket: TokenBucket
  readonly waiting: Reservation[]
  timer: NodeJS.Timeout | undefined
}

/** Celery's rate limits: per task and worker. Waiting ones are handed out in order. */
export class RateLimits {
  readonly #onTurn: (reservation: Reservation) => void
  readonly #turnstiles = new Map<string, Turnstile>()

  constructor(onTurn: (reservation: Reservation) => void) {
    this.#onTurn = onTurn
  }

  /** Sets, changes or ends the limit of a task. What waits goes on under the new one. */
  set(task: string, limit: string | number | null | undefined): void {
    const rate = perSecond(limit)
    const before = this.#turnstiles.get(task)
    clearTimeout(before?.timer)
    this.#turnstiles.delete(task)
    if (rate !== undefined) {
      this.#turnstiles.set(task, { bucket: new TokenBucket(rate), waiting: [], timer: undefined })
    }
    for (const reservation of before?.waiting ?? []) {
      if (!this.delays(reservation)) this.#onTurn(reservation)
    }
  }

  /** @returns true if it has to wait, and will be handed out later. */
  delays(reservation: Reservation): boolean {
    const turnstile = this.#turnstiles.get(reservation.task.name)
    if (turnstile === undefined) return false
    if (turnstile.waiting.length === 0 && turnstile.bucket.canConsume()) return false
    turnstile.waiting.push(reservation)
    this.#arm(turnstile)
    return true
  }

  /** Empties it. @returns what was waiting. */
  clear(): readonly Reservation[] {
    return [...this.#turnstiles.values()].flatMap((turnstile) => {
      clearTimeout(turnstile.timer)
      turnstile.timer = undefined
      return turnstile.waiting.splice(0)
    })
  }

  #arm(turnstile: Turnstile): void {
    turnstile.timer ??= setTimeout(() => this.#turn(turnstile), turnstile.bucket.expectedTimeMs())
  }

  #turn(turnstile: Turnstile): void {
    turnstile.timer = undefined
    while (turnstile.waiting.length > 0 && turnstile.bucket.canConsume()) {
      const next = turnstile.waiting.shift()
      if (next) this.#onTurn(next)
    }
    if (turnstile.waiting.length > 0) this.#arm(turnstile)
  }
}
