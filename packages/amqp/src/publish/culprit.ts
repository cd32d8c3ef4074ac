/** Which of several messages in flight made the broker close the channel. Pure. */
import type { MessagingError } from '@dashi/messaging/transport'
import { replyText } from '../errors.ts'
import type { Pending } from './pending.ts'

/** What became of messages in flight. */
export interface Blame {
  /** Those that the broker complained about: it does not have them. */
  readonly rejected: readonly Pending[]
  /** Those that it had seen before: it may have them. */
  readonly unknown: readonly Pending[]
  /** Those behind, which it never looked at. */
  readonly untouched: readonly Pending[]
}

/**
 * The broker handles a channel's messages in order, and ignores everything after the one that it complains about.
 *
 * @param pending in the order of publishing.
 */
export function blamed(pending: readonly Pending[], error: MessagingError | undefined): Blame {
  const isCulprit = culpritTest(pending, replyText(error?.cause ?? error ?? ''))
  const first = pending.findIndex(isCulprit)
  if (first < 0) return { rejected: [], unknown: pending, untouched: [] }
  const behind = pending.slice(first)
  return {
    unknown: pending.slice(0, first),
    rejected: behind.filter(isCulprit),
    untouched: behind.filter((one) => !isCulprit(one)),
  }
}

/** The broker names the exchange, or the size of the body. */
function culpritTest(pending: readonly Pending[], said: string): (one: Pending) => boolean {
  const [only] = pending
  if (pending.length === 1) return (one) => one === only
  const exchange = /exchange '([^']*)'/.exec(said)?.[1]
  if (exchange !== undefined) return ({ message }) => message.exchange === exchange
  const size = /message size (\d+)/.exec(said)?.[1]
  if (size !== undefined) return ({ message }) => Buffer.byteLength(message.body) === Number(size)
  return () => false
}
