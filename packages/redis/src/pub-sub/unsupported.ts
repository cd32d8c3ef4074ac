import { ChannelError } from '@dashi/messaging/transport'
import { ReplyError } from '../connection/client-errors.ts'
import type { SubscriptionKind } from './subscription-table.ts'

/** The error of a server that has no sharded channels; `undefined` when it is another one. */
export function unsupported(
  kind: SubscriptionKind,
  error: unknown,
  doing: string,
): ChannelError | undefined {
  if (kind !== 'sharded channel' || !(error instanceof ReplyError)) return undefined
  if (!/unknown command/i.test(error.message)) return undefined
  return new ChannelError(
    'UNSUPPORTED',
    `Cannot ${doing}: this Redis has no sharded pub/sub, which came with 7.0. Use a newer one, or plain channels`,
    { cause: error },
  )
}
