import type { ResultContext, ResultMeta } from '@dashi/tasks/results'
import { LostError } from '../connection/client-errors.ts'
import type { LinkedClient, RedisLink } from '../connection/redis-link.ts'
import { operationError } from '../errors.ts'
import type { ResultKeys } from './result-keys.ts'
import { storeScript } from './store-script.ts'

const readyStates: ReadonlySet<string> = new Set(['SUCCESS', 'FAILURE', 'REVOKED'])

/** What a writer works with. */
export interface ResultWriterParts {
  readonly link: RedisLink
  readonly keys: ResultKeys
  readonly context: ResultContext
}

interface Pending {
  readonly meta: ResultMeta
  readonly payload: string | Buffer
  resolve(): void
  reject(error: unknown): void
}

/** Stores metas. Those of one turn of the event loop travel together. */
export class ResultWriter {
  readonly #parts: ResultWriterParts
  #batch: Pending[] = []

  constructor(parts: ResultWriterParts) {
    this.#parts = parts
  }

  store(meta: ResultMeta): Promise<void> {
    const written = this.#parts.context.metas.write(meta)
    const payload = typeof written === 'string' ? written : Buffer.from(written)
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    if (this.#batch.length === 0) queueMicrotask(() => void this.#flush())
    this.#batch.push({ meta, payload, resolve, reject })
    return promise
  }

  async #flush(): Promise<void> {
    const batch = this.#batch
    this.#batch = []
    const { link, context } = this.#parts
    try {
      const answers = await link.use((linked) => this.#send(linked, batch), {
        doing: `store the results of ${batch.length} tasks`,
        signal: AbortSignal.timeout(context.operationTimeoutMs),
        // Whoever is told twice is told the same.
        isHarmlessTwice: true,
      })
      for (const [index, answer] of answers.entries()) settle(batch[index], answer)
    } catch (error) {
      for (const { reject } of batch) reject(error)
    }
  }

  /** One round trip. @throws {LostError} the connection was lost: all are sent again. */
  async #send(
    { client }: LinkedClient,
    batch: readonly Pending[],
  ): Promise<PromiseSettledResult<void>[]> {
    const answers = await Promise.allSettled(batch.map((one) => this.#storeOne(client, one)))
    for (const answer of answers) {
      if (answer.status === 'rejected' && answer.reason instanceof LostError) throw answer.reason
    }
    return answers
  }

  async #storeOne(client: LinkedClient['client'], { meta, payload }: Pending): Promise<void> {
    const { keys, context } = this.#parts
    const isReady = readyStates.has(meta.status)
    const expiry = context.expiresMs === undefined ? '' : String(Math.ceil(context.expiresMs))
    const key = [keys.task(meta.task_id)]
    const args = [payload, isReady ? 'ready' : '', expiry]
    const answer = await client.runForBytes<number | Buffer>(storeScript, key, [...args, ''])
    if (!(answer instanceof Uint8Array) || this.#isFinal(answer, meta)) return
    await client.runForBytes(storeScript, key, [...args, 'anyway'])
  }

  /** What cannot be read is no result, and is overwritten by one. */
  #isFinal(stored: Uint8Array, { task_id, status }: ResultMeta): boolean {
    try {
      const known = this.#parts.context.metas.read(stored, task_id).status
      return known === 'SUCCESS' || (readyStates.has(known) && !readyStates.has(status))
    } catch {
      return false
    }
  }
}

function settle(pending: Pending | undefined, answer: PromiseSettledResult<void>): void {
  if (answer.status === 'fulfilled') {
    pending?.resolve()
    return
  }
  const doing = `store the result of task ${pending?.meta.task_id}`
  pending?.reject(operationError(answer.reason, doing))
}
