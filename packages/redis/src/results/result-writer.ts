import type { ResultContext, ResultMeta } from '@dashi/tasks/results'
import type { LinkedClient, RedisLink } from '../connection/redis-link.ts'
import type { ResultKeys } from './result-keys.ts'
import { storeScript } from './store-script.ts'
import { TurnBatch } from './turn-batch.ts'

const readyStates: ReadonlySet<string> = new Set(['SUCCESS', 'FAILURE', 'REVOKED'])

/** What a writer works with. */
export interface ResultWriterParts {
  readonly link: RedisLink
  readonly keys: ResultKeys
  readonly context: ResultContext
}

interface Written {
  readonly meta: ResultMeta
  readonly payload: string | Buffer
}

/** Stores metas. Those of one turn of the event loop travel together. */
export class ResultWriter {
  readonly #keys: ResultKeys
  readonly #context: ResultContext
  readonly #batch: TurnBatch<Written, void>

  constructor({ link, keys, context }: ResultWriterParts) {
    this.#keys = keys
    this.#context = context
    this.#batch = new TurnBatch({
      link,
      timeoutMs: context.operationTimeoutMs,
      // Whoever is told twice is told the same.
      run: (client, written) => this.#store(client, written),
      doing: ({ meta }) => `store the result of task ${meta.task_id}`,
    })
  }

  store(meta: ResultMeta): Promise<void> {
    const written = this.#context.metas.write(meta)
    const payload = typeof written === 'string' ? written : Buffer.from(written)
    return this.#batch.add({ meta, payload })
  }

  async #store(client: LinkedClient['client'], { meta, payload }: Written): Promise<void> {
    const { expiresMs } = this.#context
    const isReady = readyStates.has(meta.status)
    const expiry = expiresMs === undefined ? '' : String(Math.ceil(expiresMs))
    const key = [this.#keys.task(meta.task_id)]
    const args = [payload, isReady ? 'ready' : '', expiry]
    const answer = await client.runForBytes<number | Buffer>(storeScript, key, [...args, ''])
    if (!(answer instanceof Uint8Array) || this.#isFinal(answer, meta)) return
    await client.runForBytes(storeScript, key, [...args, 'anyway'])
  }

  /** What cannot be read is no result, and is overwritten by one. */
  #isFinal(stored: Uint8Array, { task_id, status }: ResultMeta): boolean {
    try {
      const known = this.#context.metas.read(stored, task_id).status
      return known === 'SUCCESS' || (readyStates.has(known) && !readyStates.has(status))
    } catch {
      return false
    }
  }
}
