/** Sessions of one test, closed after it. */
import { Connection, defaultCodecs } from '@dashi/messaging'
import {
  metaCodec,
  type ResultContext,
  type ResultMeta,
  type ResultSession,
} from '@dashi/tasks/results'
import type { Expect } from '../runner.ts'
import { within } from '../stage/eventually.ts'
import type { ResultStoreSetup } from './setup.ts'

/** What a case works with. */
export class StoreStage implements AsyncDisposable {
  readonly setup: ResultStoreSetup
  readonly expect: Expect
  /** What sessions have warned of. */
  readonly warnings: unknown[] = []
  readonly #opened: (ResultSession | Connection)[] = []

  constructor(setup: ResultStoreSetup, expect: Expect) {
    this.setup = setup
    this.expect = expect
  }

  open(changes: Partial<ResultContext> = {}): ResultSession {
    const connection = this.setup.connect?.() ?? new Connection('memory://nobody')
    const reading = { codecs: defaultCodecs, serializer: 'json', accept: ['json'] }
    const session = this.setup.create().open({
      connection,
      ...reading,
      expiresMs: 60_000,
      persistent: false,
      operationTimeoutMs: 10_000,
      onWarning: (warning) => this.warnings.push(warning),
      metas: metaCodec(reading),
      ...changes,
    })
    // Closed in this order: a session may say goodbye on its connection.
    this.#opened.push(session, connection)
    return session
  }

  /** A client that waits, and a worker that stores: two sessions, as in two processes. */
  pair(changes: Partial<ResultContext> = {}): Pair {
    return new Pair(this.open(changes), this.open(changes))
  }

  /** A new task's id. */
  taskId(): string {
    return crypto.randomUUID()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const one of this.#opened) await one.close()
  }
}

/** A client and a worker. */
export class Pair {
  readonly client: ResultSession
  readonly worker: ResultSession

  constructor(client: ResultSession, worker: ResultSession) {
    this.client = client
    this.worker = worker
  }

  /** As a worker stores what a client has asked for. */
  async store(meta: ResultMeta): Promise<void> {
    await this.client.prepare(meta.task_id)
    await this.worker.store(meta, { replyTo: this.client.replyTo, correlationId: meta.task_id })
  }

  /** All that the client is told of a task from now on. */
  async watch(taskId: string): Promise<News> {
    const news = new News()
    news.stop = await this.client.watch(taskId, (meta) => news.add(meta))
    return news
  }
}

/** What a listener was told. */
export class News {
  readonly metas: ResultMeta[] = []
  stop: () => void = () => undefined
  #wake = Promise.withResolvers<void>()

  get states(): readonly string[] {
    return this.metas.map(({ status }) => status)
  }

  add(meta: ResultMeta): void {
    this.metas.push(meta)
    this.#wake.resolve()
    this.#wake = Promise.withResolvers()
  }

  /** Resolves when it was told of a state; in time, or it throws. */
  async of(state: string, timeoutMs = 5_000): Promise<ResultMeta> {
    const until = performance.now() + timeoutMs
    for (;;) {
      const found = this.metas.find(({ status }) => status === state)
      if (found !== undefined) return found
      const left = Math.max(1, until - performance.now())
      const what = `Being told of ${state} (told so far: ${this.states.join(', ') || 'nothing'})`
      await within(this.#wake.promise, { what, timeoutMs: left })
    }
  }
}

/** A meta as a worker makes it. */
export function metaOf(taskId: string, status: string, result: unknown = null): ResultMeta {
  const isReady = ['SUCCESS', 'FAILURE', 'REVOKED'].includes(status)
  return {
    status,
    result,
    traceback: null,
    children: [],
    date_done: isReady ? new Date().toISOString().replace('Z', '000+00:00') : null,
    task_id: taskId,
  }
}
