import { ChannelError, type MessagingError } from '@dashi/messaging/transport'
import type { RedisClient } from './client.ts'
import { ReplyError } from './client-errors.ts'

/** Redis 7.0 brought it. */
const firstMajor = 7

/** Whether the server has sharded pub/sub. Where the user may not ask for the command, the version decides. */
export async function hasShardedPubSub(
  client: RedisClient,
  version: string | undefined,
): Promise<boolean> {
  try {
    const [known] = await client.send<readonly unknown[]>(['COMMAND', 'INFO', 'SPUBLISH'])
    return known !== null && known !== undefined
  } catch (error) {
    if (!(error instanceof ReplyError)) throw error
    return version === undefined || Number(version.split('.')[0]) >= firstMajor
  }
}

/** Said when broadcasts take the plain way although the sharded one was asked for. */
export function noShardedFanout(version: string | undefined): MessagingError {
  return new ChannelError(
    'UNSUPPORTED',
    `Option "fanoutSharded" of the Redis transport has no effect: Redis ${version ?? 'of unknown version'} has no SPUBLISH, which came with 7.0. ` +
      'Broadcasts go over plain pub/sub; peers that use the sharded one do not get them',
  )
}
