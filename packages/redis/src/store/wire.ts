import type { RedisClient } from '../connection/client.ts'
import type { StoreSettings } from '../settings.ts'
import type { Keys } from './keys.ts'

/** What every part of a session works with. */
export interface Wire {
  readonly client: RedisClient
  readonly keys: Keys
  readonly settings: StoreSettings
}
