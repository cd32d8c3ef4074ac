/** Which of several messages in flight made the broker close the channel. Pure. */
import type { MessagingError, OutgoingMessage } from '@dashi/messaging/transport'
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

/** The broker names what it complains about. */
function culpritTest(pending: readonly Pending[], said: string): (one: Pending) => boolean {
  const [only] = pending
  if (pending.length === 1) return (one) => one === only
  for (const { pattern, is } of complaints) {
    const named = pattern.exec(said)?.[1]
    if (named !== undefined) return ({ message }) => is(message, named)
  }
  return () => false
}

interface Complaint {
  readonly pattern: RegExp
  is(message: OutgoingMessage, named: string): boolean
}

/** Source: RabbitMQ, rabbit_channel and rabbit_access_control; seen in 3.10. The first that matches counts. */
const complaints: readonly Complaint[] = [
  {
    // Permissions of topics: other keys of the same exchange may be allowed.
    pattern: /access to topic '([^']*)' in exchange/,
    is: ({ routingKey }, named) => routingKey === named,
  },
  { pattern: /exchange '([^']*)'/, is: ({ exchange }, named) => exchange === named },
  {
    pattern: /message size (\d+)/,
    is: ({ body }, named) => Buffer.byteLength(body) === Number(named),
  },
  {
    pattern: /user_id property set to '([^']*)'/,
    is: ({ properties }, named) => properties.userId === named,
  },
  {
    pattern: /invalid expiration '([^']*)'/,
    is: ({ properties }, named) => properties.expiration === named,
  },
]
