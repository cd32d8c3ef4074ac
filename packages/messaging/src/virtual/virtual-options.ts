/** Options that every virtual transport shares. */
import type { BodyEncoding } from './envelope-writer.ts'

/** How a virtual transport behaves where Kombu and AMQP leave a choice. */
export interface VirtualOptions {
  /** How bodies are written into envelopes. Default `base64`, as Kombu. */
  readonly bodyEncoding?: BodyEncoding | undefined
  /** `kombu` (default): topics match exactly as in Kombu, so that both sides route alike. `amqp`: as in RabbitMQ. */
  readonly topicMatching?: 'kombu' | 'amqp' | undefined
  /** Where messages go that no queue wants. Default: nowhere (`mandatory` decides). */
  readonly deadletterQueue?: string | undefined
  /** Most messages taken from the store at once. Default 100. */
  readonly maxTake?: number | undefined
  /** Unix time in milliseconds; for expiry. Default `Date.now`. */
  readonly now?: (() => number) | undefined
}

/** `VirtualOptions` with its defaults filled in. */
export interface VirtualSettings {
  readonly bodyEncoding: BodyEncoding
  readonly topicMatching: 'kombu' | 'amqp'
  readonly deadletterQueue: string | undefined
  readonly maxTake: number
  readonly now: () => number
}

export function virtualSettings(options: VirtualOptions): VirtualSettings {
  return {
    bodyEncoding: options.bodyEncoding ?? 'base64',
    topicMatching: options.topicMatching ?? 'kombu',
    deadletterQueue: options.deadletterQueue,
    maxTake: options.maxTake ?? 100,
    now: options.now ?? Date.now,
  }
}
