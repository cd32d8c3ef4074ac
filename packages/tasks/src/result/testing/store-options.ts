import { Connection, defaultCodecs } from '@dashi/messaging'
import type { OpenStoreOptions } from '../open-store.ts'

/** What opening a store needs, with a broker that nobody uses. */
export function storeOptions(changes: Partial<OpenStoreOptions> = {}): OpenStoreOptions {
  return {
    connection: new Connection('memory://nobody'),
    codecs: defaultCodecs,
    serializer: 'json',
    accept: ['json'],
    expiresMs: 60_000,
    persistent: false,
    operationTimeoutMs: 5_000,
    onWarning: (warning) => {
      throw warning
    },
    ...changes,
  }
}
