import type { RedisClient } from '../connection/client.ts'
import type { RedisWriter } from '../connection/replicated-writer.ts'
import type { StoreSettings } from '../settings.ts'
import type { Keys } from './keys.ts'

/** What every part of a session works with. */
export interface Wire {
  readonly client: RedisClient
  /** What publishes go through: `client`, or replicas confirm as well. */
  readonly writer: RedisWriter
  readonly keys: Keys
  readonly settings: StoreSettings
}
