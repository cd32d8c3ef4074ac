import { Worker } from 'node:worker_threads'
import { ConnectionError, type MessagingError } from '@dashi/messaging/transport'
import { toMessagingError } from '../sqlite/sqlite-error.ts'
import type {
  ResultCommand,
  ResultCommands,
  ResultThreadReply,
  ResultThreadSettings,
  ResultVerb,
  TaskRow,
} from './result-protocol.ts'

/** What a database tells by itself. */
export interface ResultDatabaseListener {
  onChanged(row: TaskRow): void
  /** There are no announcements: changes are found by looking often. */
  onUnannounced(reason: string): void
  /** It has ended, and was not told to. */
  onLost(error: MessagingError): void
}

interface Pending {
  resolve(result: unknown): void
  reject(error: unknown): void
}

/** Node 22 warns that SQLite is experimental. */
const execArgv = ['--disable-warning=ExperimentalWarning']

/** Results in a SQLite file, behind a thread of their own: neither disk nor lock ever blocks the event loop. Ends once. */
export class ResultDatabase {
  readonly #settings: ResultThreadSettings
  readonly #listener: ResultDatabaseListener
  readonly #worker: Worker
  readonly #sent: (readonly Pending[])[] = []
  readonly #closed = Promise.withResolvers<void>()
  #commands: ResultCommand[] = []
  #pending: Pending[] = []
  #ended: MessagingError | undefined

  constructor(settings: ResultThreadSettings, listener: ResultDatabaseListener) {
    this.#settings = settings
    this.#listener = listener
    this.#worker = new Worker(threadUrl(), {
      workerData: settings,
      name: 'dashi-results',
      execArgv,
    })
    this.#worker.on('message', (reply: ResultThreadReply) => this.#receive(reply))
    this.#worker.on('error', (error) => this.#end(this.#failed(error)))
    this.#worker.on('exit', () => this.#end(this.#failed(new Error('the thread ended'))))
  }

  /** Carries out a command; commands of one turn share a transaction. */
  execute<Verb extends ResultVerb>(
    verb: Verb,
    request: ResultCommands[Verb]['request'],
  ): Promise<ResultCommands[Verb]['result']> {
    if (this.#ended) return Promise.reject(this.#ended)
    if (this.#commands.length === 0) process.nextTick(() => this.#flush())
    // Verb and request belong together by this method's signature.
    this.#commands.push({ verb, request } as ResultCommand)
    const { promise, resolve, reject } = Promise.withResolvers<ResultCommands[Verb]['result']>()
    // The thread answers with the result of this verb.
    this.#pending.push({ resolve: resolve as Pending['resolve'], reject })
    return promise
  }

  async close(): Promise<void> {
    this.#flush()
    if (this.#ended === undefined) this.#worker.postMessage({ kind: 'close' })
    await this.#closed.promise
  }

  #flush(): void {
    if (this.#commands.length === 0 || this.#ended) return
    this.#worker.postMessage({ kind: 'execute', commands: this.#commands })
    this.#sent.push(this.#pending)
    this.#commands = []
    this.#pending = []
  }

  #receive(reply: ResultThreadReply): void {
    if (reply.kind === 'executed') {
      const pending = this.#sent.shift() ?? []
      for (const [index, { resolve }] of pending.entries()) resolve(reply.results[index])
    } else if (reply.kind === 'failed') {
      const error = toMessagingError(reply.failure, this.#work('results'))
      for (const { reject } of this.#sent.shift() ?? []) reject(error)
    } else if (reply.kind === 'changed') {
      for (const row of reply.rows) this.#listener.onChanged(row)
    } else if (reply.kind === 'unannounced') {
      this.#listener.onUnannounced(reply.reason)
    } else if (reply.failure === undefined) {
      this.#end(undefined)
    } else {
      this.#end(toMessagingError(reply.failure, this.#work('open')))
    }
  }

  #work(verb: 'open' | 'results') {
    const { path, lockTimeoutMs } = this.#settings
    return { path, verb, lockTimeoutMs }
  }

  #failed(cause: unknown): ConnectionError {
    const reason = cause instanceof Error ? cause.message : String(cause)
    return new ConnectionError(
      'CONNECTION_LOST',
      `The thread of results in SQLite database "${this.#settings.path}" failed: ${reason}`,
      { cause },
    )
  }

  /** @param error What ended it, if it was not closed. */
  #end(error: MessagingError | undefined): void {
    if (this.#ended) return
    const { path } = this.#settings
    this.#ended =
      error ?? new ConnectionError('CONNECTION_CLOSED', `The results in "${path}" were closed`)
    const pending = [...this.#sent.flat(), ...this.#pending]
    this.#sent.length = 0
    this.#pending = []
    for (const { reject } of pending) reject(this.#ended)
    this.#closed.resolve()
    if (error !== undefined) this.#listener.onLost(error)
  }
}

/** The thread's file is a source beside this one, or its compiled form. */
function threadUrl(): URL {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js'
  return new URL(`./result-thread.${extension}`, import.meta.url)
}
