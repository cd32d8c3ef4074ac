import { randomUUID } from 'node:crypto'
import { ChannelError } from '@dashi/messaging/transport'
import { operationError } from '../errors.ts'
import { findAbandonedScript, unlockScript } from '../store/scripts/sweep.ts'
import type { Wire } from '../store/wire.ts'
import { type QueuesOf, restore } from './restore.ts'

/** Tokens looked at in one step. */
const scanCount = '1000'
/** A little of chance, so that sessions do not sweep all at once. */
const jitterMs = 250

/** What a sweeper needs besides the session's wire. */
export interface SweeperParts {
  /** Where a message that a Kombu peer held goes. */
  readonly queuesOf: QueuesOf
  readonly report: (notice: ChannelError) => void
}

/**
 * Gives back what dead consumers held: ours as soon as their lease has ended, those of Kombu after the
 * visibility timeout.
 *
 * Every session sweeps. Whoever comes first gives a message back; for the others it is not there any more.
 */
export class Sweeper {
  readonly #wire: Wire
  readonly #parts: SweeperParts
  readonly #stopping = new AbortController()
  #timer: NodeJS.Timeout | undefined
  #first: Promise<void> | undefined
  #hasSwept = false
  /** Old tokens to pass over: the last sweep could do nothing about so many, and others wait behind them. */
  #passedOver = 0

  constructor(wire: Wire, parts: SweeperParts) {
    this.#wire = wire
    this.#parts = parts
  }

  get hasSwept(): boolean {
    return this.#hasSwept
  }

  /** Sweeps now, and from now on. Resolves when the first sweep is over, well or not. */
  start(): Promise<void> {
    this.#first ??= this.#sweepAndAgain()
    return this.#first
  }

  stop(): void {
    this.#stopping.abort()
    clearTimeout(this.#timer)
  }

  /** @returns milliseconds until the next sweep is due. */
  async runOnce(): Promise<number> {
    const { client, keys, settings } = this.#wire
    const [untilNextMs, foreignCount, dead] = await client.run<
      readonly [number, number, readonly string[]]
    >(
      findAbandonedScript,
      [keys.holders, keys.unackedIndex],
      [String(settings.visibilityTimeoutMs / 1000)],
    )
    for (const holder of dead) await this.giveBack(holder)
    if (foreignCount > 0) await this.#giveBackForeign()
    const longestMs = settings.leaseMs / 2
    return untilNextMs === -1 ? longestMs : Math.min(longestMs, untilNextMs + 1)
  }

  /** Gives back everything that a holder without a lease held. */
  async giveBack(holder: string): Promise<void> {
    const { client, keys } = this.#wire
    const tokens = await this.#tokensOf(holder)
    const number = (token: string) => Number(token.slice(holder.length + 1))
    tokens.sort((a, b) => number(b) - number(a))
    await restore(this.#wire, tokens, this.#parts)
    // Nothing can be added to it: a take checks the lease.
    await client.send(['ZREM', keys.holders, holder])
  }

  async #tokensOf(holder: string): Promise<string[]> {
    const { client, keys } = this.#wire
    const tokens = new Set<string>()
    let cursor = '0'
    do {
      const [next, page] = await client.send<readonly [string, readonly string[]]>([
        'ZSCAN',
        keys.unackedIndex,
        cursor,
        'MATCH',
        `${holder}:*`,
        'COUNT',
        scanCount,
      ])
      for (let at = 0; at < page.length; at += 2) tokens.add(page[at] ?? '')
      cursor = next
    } while (cursor !== '0')
    return [...tokens]
  }

  /** Under Kombu's own lock and rules. */
  async #giveBackForeign(): Promise<void> {
    const { client, keys, settings } = this.#wire
    const lock = randomUUID()
    const expire = String(settings.unackedMutexExpireMs)
    const answer = await client.send(['SET', keys.unackedMutex, lock, 'NX', 'PX', expire])
    if (answer === null) return
    try {
      await this.#giveBackOld(await this.#oldTokens())
    } finally {
      await client.run(unlockScript, [keys.unackedMutex], [lock])
    }
  }

  /** Ours whose holder is not even listed, because somebody deleted the list. */
  async #giveBackOrphans(tokens: readonly string[]): Promise<void> {
    const { client, keys } = this.#wire
    const holders = [...new Set(tokens.flatMap((token) => holderOf(token) ?? []))]
    if (holders.length === 0) return
    const command = ['ZMSCORE', keys.holders, ...holders]
    const scores = await client.send<readonly (string | number | null)[]>(command)
    for (const [index, holder] of holders.entries()) {
      if (scores[index] === null) await this.giveBack(holder)
    }
  }

  /** The newest first, as each becomes the next to be delivered. */
  async #giveBackOld(oldestFirst: readonly string[]): Promise<void> {
    const foreign = oldestFirst.filter((token) => holderOf(token) === undefined)
    const restored = await restore(this.#wire, foreign.toReversed(), this.#parts)
    await this.#giveBackOrphans(oldestFirst)
    const isStuck = restored === 0 && oldestFirst.length === this.#restoreLimit
    this.#passedOver = isStuck ? this.#passedOver + oldestFirst.length : 0
  }

  get #restoreLimit(): number {
    return this.#wire.settings.unackedRestoreLimit
  }

  async #oldTokens(): Promise<readonly string[]> {
    const { client, keys, settings } = this.#wire
    const [seconds] = await client.send<readonly [string, string]>(['TIME'])
    const latest = String(Number(seconds) - settings.visibilityTimeoutMs / 1000)
    return await client.send<readonly string[]>([
      'ZRANGEBYSCORE',
      keys.unackedIndex,
      '-inf',
      latest,
      'LIMIT',
      String(this.#passedOver),
      String(this.#restoreLimit),
    ])
  }

  async #sweepAndAgain(): Promise<void> {
    let delayMs = this.#wire.settings.leaseMs / 2
    try {
      delayMs = await this.runOnce()
    } catch (error) {
      // A lost connection says so itself.
      const reason = operationError(error, 'give back what dead consumers held')
      if (reason instanceof ChannelError) this.#parts.report(reason)
    }
    this.#hasSwept = true
    if (this.#stopping.signal.aborted) return
    const pauseMs = delayMs + Math.random() * jitterMs
    this.#timer = setTimeout(() => void this.#sweepAndAgain(), pauseMs).unref()
  }
}

/** The session that a token belongs to; `undefined` for a delivery tag of a Kombu peer. */
function holderOf(token: string): string | undefined {
  return /^(dashi-[0-9a-f-]{36}):\d+$/.exec(token)?.[1]
}
