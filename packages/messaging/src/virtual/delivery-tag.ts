/**
 * Names of messages on virtual transports.
 *
 * Kombu writes a random UUID and treats it as opaque. Ours is a UUID of version 7, so that the
 * time of publishing travels with every message and expiry needs no field of its own.
 */
import { randomBytes } from 'node:crypto'

const counterLimit = 0x1_00_00_00

const threeDigits = Array.from({ length: 0x1000 }, (_, value) =>
  value.toString(16).padStart(3, '0'),
)

/** Makes delivery tags: unique across processes, ascending within one. */
export class DeliveryTags {
  readonly #now: () => number
  readonly #tail = randomBytes(6).toString('hex')
  #counter = 0
  #millisecond = -1
  #head = ''

  /** @param now Unix time in milliseconds. */
  constructor(now: () => number = Date.now) {
    this.#now = now
  }

  next(): string {
    const now = this.#now()
    if (now !== this.#millisecond) this.#turn(now)
    this.#counter = (this.#counter + 1) % counterLimit
    const high = threeDigits[this.#counter >> 12]
    const low = threeDigits[this.#counter & 0xfff]
    return `${this.#head}-7${high}-8${low}-${this.#tail}`
  }

  #turn(now: number): void {
    const hex = Math.trunc(now).toString(16).padStart(12, '0')
    this.#millisecond = now
    this.#head = `${hex.slice(0, 8)}-${hex.slice(8)}`
  }
}

const version7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/

/** Unix time in milliseconds at which a tag was made, if the tag tells. */
export function publishedAtMs(deliveryTag: string): number | undefined {
  if (!version7.test(deliveryTag)) return undefined
  return Number.parseInt(deliveryTag.slice(0, 8) + deliveryTag.slice(9, 13), 16)
}
