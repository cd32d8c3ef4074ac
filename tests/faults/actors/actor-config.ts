/** What a process under test is told at its start: one JSON object, its only argument. */
import type { ConnectionOptions } from '@dashi/messaging'

/** A known mistake, made on purpose, to see whether the harness notices it. */
export type Defect = 'ack-first' | 'confirm-early'

/** What publishers and consumers are both told. */
export interface ActorConfig {
  readonly name: string
  readonly ledger: string
  readonly url: string
  readonly transportOptions: Readonly<Record<string, unknown>>
  readonly queue: string
  readonly queueArguments: Readonly<Record<string, string>>
  readonly defect: Defect | undefined
}

export interface PublisherConfig extends ActorConfig {
  readonly messagesPerSecond: number
  readonly paddingBytes: number
  readonly deliveryMode: 'persistent' | 'transient'
  /** How many of the messages nobody can read, from 0 to 1. */
  readonly poisonShare: number
  /** No more are published while so many wait for their confirmation. */
  readonly maxOutstanding: number
}

export interface ConsumerConfig extends ActorConfig {
  readonly prefetchCount: number
  /** How long a handler takes, on average. */
  readonly workMs: number
  /** How many of the messages are requeued at their first delivery, from 0 to 1. */
  readonly requeueShare: number
}

/** The configuration that this process was started with. */
export function actorConfig<Config extends ActorConfig>(): Config {
  // Written by actor-process.ts, for this program.
  return JSON.parse(process.argv[2] ?? '') as Config
}

/** How a process connects. A machine on which everything is slow is no fault, so it has time. */
export function connectionOptions({ transportOptions }: ActorConfig): ConnectionOptions {
  return { transportOptions, connectTimeoutMs: 20_000 }
}
