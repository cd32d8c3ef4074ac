import type { ReplyError } from '../connection/client-errors.ts'

/**
 * A value of RESP3, as the server sent it.
 *
 * | RESP | here |
 * | --- | --- |
 * | `+` simple string | string |
 * | `$` bulk string, `=` verbatim string without its format | string or Buffer, as asked |
 * | `-` error, `!` bulk error | `ReplyError`: thrown, or a value inside an array |
 * | `:` integer | number; bigint beyond ±(2 ** 53 - 1) |
 * | `,` double, `(` big number, `#` boolean | number, bigint, boolean |
 * | `_` null, RESP2's `$-1` and `*-1` | null |
 * | `*` array, `~` set, `>` push | array |
 * | `%` map | Map |
 * | `\|` attribute | nothing: skipped |
 *
 * Source: the RESP specification of Redis 7.4. Streamed strings and aggregates, which no Redis sends, are unreadable.
 */
export type Reply =
  | null
  | boolean
  | number
  | bigint
  | string
  | Buffer
  | ReplyError
  | readonly Reply[]
  | ReadonlyMap<Reply, Reply>

/** What came is no answer that this client can read. Nothing after it can be trusted. */
export class UnreadableReplyError extends Error {
  override readonly name = 'UnreadableReplyError'
}

/** Bounds of one reply. */
export interface ReplyLimits {
  /** Of one string. Default: Redis's own, 512 MiB. */
  readonly maxBulkBytes: number
  /** Of everything that is not a bulk string: numbers, errors, lengths. */
  readonly maxLineBytes: number
  readonly maxReplyBytes: number
  /** Elements of all arrays together. */
  readonly maxValues: number
  /** Arrays in arrays. */
  readonly maxDepth: number
}

/** More than anything that this package asks for. */
export const replyLimits: ReplyLimits = Object.freeze({
  maxBulkBytes: 512 * 1024 * 1024,
  maxLineBytes: 1024 * 1024,
  maxReplyBytes: 4 * 1024 * 1024 * 1024,
  maxValues: 16 * 1024 * 1024,
  maxDepth: 128,
})
