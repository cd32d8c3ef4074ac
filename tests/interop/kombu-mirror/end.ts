/** What a test of Kombu's does on one end, whichever language that is. */
import type { ExchangeKind } from '../matrix.ts'

/** An exchange, declared by whoever needs it. */
export interface MirrorExchange {
  readonly name: string
  readonly type: Exclude<ExchangeKind, 'default' | 'headers'>
}

/** A queue; without an exchange it is found by its name. */
export interface MirrorQueue {
  readonly name: string
  readonly exchange?: MirrorExchange
  /** Of the binding. */
  readonly routingKey?: string
  readonly maxPriority?: number
}

/** What is published, as pickle. */
export interface Post {
  readonly body: unknown
  readonly exchange?: MirrorExchange
  readonly routingKey?: string
  /** Declared before. */
  readonly queues?: readonly MirrorQueue[]
  readonly priority?: number
  readonly expirationMs?: number
}

/** A message in the hands of an end. */
export interface MirrorMessage {
  readonly body: unknown
  /** Base64 of the bytes that came. */
  readonly raw: string | null
  readonly contentType: string | undefined
  readonly contentEncoding: string | undefined
  readonly headers: Readonly<Record<string, unknown>>
  ack(): Promise<void>
  requeue(): Promise<void>
  reject(options: { readonly requeue: boolean }): Promise<void>
}

/** A running consumer, which reads only pickle. */
export interface MirrorConsumer {
  /** Up to `count` messages, fewer when the time is over. */
  receive(count: number, timeoutMs: number): Promise<readonly MirrorMessage[]>
  /** Takes no more; what is held can still be settled. */
  pause(): Promise<void>
  resume(): Promise<void>
  close(): Promise<void>
}

/** A SimpleQueue or a SimpleBuffer. */
export interface MirrorBox {
  put(
    body: unknown,
    options: {
      readonly headers: Readonly<Record<string, string>>
      readonly priority?: number
      readonly expirationMs?: number
    },
  ): Promise<void>
  /** `undefined` when there is none in time. Without a time it does not wait. */
  get(timeoutMs?: number): Promise<MirrorMessage | undefined>
  close(): Promise<void>
}

/** Which box. */
export interface BoxOptions {
  readonly name: string
  readonly isBuffer: boolean
  readonly maxPriority?: number
}

/** One side, connected to one broker. */
export interface End {
  publish(post: Post): Promise<void>
  /** Resolves when what is published from now on arrives. */
  consume(queue: MirrorQueue): Promise<MirrorConsumer>
  open(options: BoxOptions): Promise<MirrorBox>
}
