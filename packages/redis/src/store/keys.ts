import type { KeySettings } from '../settings.ts'

/**
 * The names of Kombu's keys and channels, prefix included.
 *
 * | key | type | content |
 * | --- | --- | --- |
 * | `<queue>`, `<queue><sep><step>` | list | envelopes of one priority step; step 0 has no suffix |
 * | `_kombu.binding.<exchange>` | set | `<routing key><sep><pattern><sep><queue>` |
 * | `unacked` | hash | token → `[envelope, exchange, routing key]` |
 * | `unacked_index` | sorted set | token, by Unix time in seconds of its delivery |
 * | `unacked_mutex` | string | lock of whoever gives old messages back |
 * | `_dashi.holders` | sorted set | id of a session, by Unix time in milliseconds when its lease ends. Ours alone. With other names for the two above, `.<unacked>.<unacked_index>` follows |
 *
 * Source: kombu/transport/redis.py, Channel.
 */
export class Keys {
  readonly unacked: string
  readonly unackedIndex: string
  readonly unackedMutex: string
  readonly holders: string
  readonly prefix: string
  readonly sep: string
  readonly #settings: KeySettings
  readonly #steps = new Map<string, readonly string[]>()
  /** By priority, 0 to 9. */
  readonly #suffixes: readonly string[]

  constructor(settings: KeySettings) {
    const { globalKeyprefix, sep } = settings
    this.#settings = settings
    this.prefix = globalKeyprefix
    this.sep = sep
    this.#suffixes = Array.from({ length: 10 }, (_, priority) =>
      this.#suffix(stepOf(settings.prioritySteps, priority)),
    )
    this.unacked = globalKeyprefix + settings.unackedKey
    this.unackedIndex = globalKeyprefix + settings.unackedIndexKey
    this.unackedMutex = globalKeyprefix + settings.unackedMutexKey
    this.holders = `${globalKeyprefix}_dashi.holders${holdersSuffix(settings)}`
  }

  /** The list that a message of this priority goes to. */
  queue(queue: string, priority: number): string {
    return this.prefix + queue + this.stepSuffix(priority)
  }

  /**
   * What the lists of a priority have after the queue's name.
   *
   * The largest step that is not above it; below the first step, the last one. Source: Python's
   * `steps[bisect(steps, priority) - 1]`.
   */
  stepSuffix(priority: number): string {
    return this.#suffixes[Math.min(Math.max(Math.trunc(priority) || 0, 0), 9)] ?? ''
  }

  /** All lists of a queue, the one to be served first in front. */
  steps(queue: string): readonly string[] {
    const known = this.#steps.get(queue)
    if (known !== undefined) return known
    const keys = this.#settings.prioritySteps.map(
      (step) => this.prefix + queue + this.#suffix(step),
    )
    // Reply queues have names of their own: a bound keeps their number from growing for ever.
    if (this.#steps.size >= 10_000) this.#steps.clear()
    this.#steps.set(queue, keys)
    return keys
  }

  /** The lists of several queues: every queue's first step comes before any second one. */
  interleaved(queues: readonly string[]): readonly string[] {
    const lists = queues.map((queue) => this.steps(queue))
    return this.#settings.prioritySteps.flatMap((_, step) => lists.map((list) => list[step] ?? ''))
  }

  bindings(exchange: string): string {
    return `${this.prefix}_kombu.binding.${exchange}`
  }

  /** Routing keys of broadcasts count. */
  get fanoutPatterns(): boolean {
    return this.#settings.fanoutPatterns
  }

  /** The channel that a broadcast is published to. */
  channel(exchange: string, routingKey: string): string {
    return this.prefix + this.#settings.fanoutPrefix + exchange + this.#keyPart(routingKey)
  }

  /**
   * The patterns by which the broadcasts of a binding are received.
   *
   * A binding key is a filter, as for Kombu. Without one everything is received, as a fanout exchange has
   * it; a Kombu consumer would not get what was published with a routing key.
   */
  channelPatterns(exchange: string, bindingKey: string): readonly string[] {
    const name = this.prefix + this.#settings.fanoutPrefix + exchange
    // Only the key may hold wildcards; Kombu escapes nothing, which is the same for usual names.
    const literal = name.replaceAll(/[*?[\]\\]/g, String.raw`\$&`)
    if (!this.#settings.fanoutPatterns) return [literal]
    if (bindingKey === '') return [literal, `${literal}/*`]
    return [`${literal}/${bindingKey.replaceAll('#', '*')}`]
  }

  #keyPart(key: string): string {
    return key !== '' && this.#settings.fanoutPatterns ? `/${key}` : ''
  }

  #suffix(step: number): string {
    return step === 0 ? '' : `${this.sep}${step}`
  }
}

function stepOf(steps: readonly number[], priority: number): number {
  return steps.findLast((step) => step <= priority) ?? steps.at(-1) ?? 0
}

/**
 * Sessions whose messages are under other names are listed apart: whoever gives back what a dead one held has to
 * look where it held it.
 */
function holdersSuffix({ unackedKey, unackedIndexKey }: KeySettings): string {
  const isUsual = unackedKey === 'unacked' && unackedIndexKey === 'unacked_index'
  return isUsual ? '' : `.${unackedKey}.${unackedIndexKey}`
}
