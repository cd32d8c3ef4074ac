/** Doing something on a pooled connection until it works. */
import type { Channel } from '../connection/channel.ts'
import { type RetryPolicy, retryOverTime } from '../connection/retry.ts'
import type { Connection } from '../connection.ts'
import { isConnectionFailure } from '../producer.ts'
import type { ConnectionPool } from './connection-pool.ts'

/**
 * Lends a connection to the function, and calls it again when the connection fails under it. What it does must bear being
 * done twice. Source: kombu/common.py, insured.
 *
 * @example
 * await insured(pool, (connection, channel) => queue.declare(channel), { maxRetries: 3 })
 */
export async function insured<Result>(
  pool: ConnectionPool,
  run: (connection: Connection, channel: Channel) => Result | Promise<Result>,
  policy: RetryPolicy = {},
): Promise<Result> {
  await using pooled = await pool.acquire({ block: true, signal: policy.signal })
  const connection = pooled.value
  return await retryOverTime(
    async () => await run(connection, connection.defaultChannel),
    isConnectionFailure,
    policy,
  )
}
