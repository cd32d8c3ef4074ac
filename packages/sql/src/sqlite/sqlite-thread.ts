import { Worker } from 'node:worker_threads'
import {
  ConnectionError,
  type ConnectOptions,
  type MessagingError,
  OutcomeUnknownError,
  reasonOf,
  UnsupportedError,
} from '@dashi/messaging/transport'
import type { SqlCommand, SqlCommands, SqlDatabase, SqlVerb, WaitRequest } from '../sql-database.ts'
import { type FailedWork, isPublishing, toMessagingError } from './sqlite-error.ts'
import type {
  Failure,
  Outcome,
  ThreadReply,
  ThreadRequest,
  ThreadSettings,
} from './thread-protocol.ts'

/** A command on its way. */
interface Pending {
  readonly verb: SqlVerb
  readonly resolve: (result: unknown) => void
  readonly reject: (error: unknown) => void
}

/**
 * The thread needs nothing of the program's flags, and cannot start with some of them
 * (`--input-type`). Node 22 warns that SQLite is experimental.
 */
const execArgv = ['--disable-warning=ExperimentalWarning']

/** How long a thread that was told to end may take beyond a wait for the lock. */
const endGraceMs = 2_000

/**
 * A SQLite database behind a thread of its own, so that neither the disk nor another process's lock
 * ever blocks the event loop.
 */
export class SqliteThread implements SqlDatabase {
  readonly #settings: ThreadSettings
  readonly #options: Pick<ConnectOptions, 'report'>
  readonly #worker: Worker
  readonly #opened = Promise.withResolvers<void>()
  readonly #closed = Promise.withResolvers<MessagingError | undefined>()
  readonly #sent: (readonly Pending[])[] = []
  readonly #waits = new Map<number, () => void>()
  readonly #path: string
  #commands: SqlCommand[] = []
  #pending: Pending[] = []
  #nextWait = 0
  /** Set once the session has ended: what later calls are told. */
  #ended: ConnectionError | undefined
  #isClosing = false

  private constructor(settings: ThreadSettings, options: Pick<ConnectOptions, 'report'>) {
    this.#settings = settings
    this.#options = options
    this.#path = settings.path
    this.#worker = new Worker(threadUrl(), { workerData: settings, name: 'dashi-sqlite', execArgv })
    this.#worker.on('message', (reply: ThreadReply) => this.#receive(reply))
    this.#worker.on('error', (error) => this.#crashed(error))
    this.#worker.on('exit', () => this.#crashed(new Error('the thread ended')))
  }

  /** @throws {ConnectionError}; `signal.reason` if aborted first. */
  static async open(
    settings: ThreadSettings,
    options: Pick<ConnectOptions, 'report' | 'signal'>,
  ): Promise<SqliteThread> {
    const { signal } = options
    signal?.throwIfAborted()
    const thread = new SqliteThread(settings, options)
    const abort = () => thread.#opened.reject(signal?.reason)
    signal?.addEventListener('abort', abort, { once: true })
    try {
      await thread.#opened.promise
      return thread
    } catch (error) {
      thread.destroy()
      throw error
    } finally {
      signal?.removeEventListener('abort', abort)
    }
  }

  get closed(): Promise<MessagingError | undefined> {
    return this.#closed.promise
  }

  execute<Verb extends SqlVerb>(
    verb: Verb,
    request: SqlCommands[Verb]['request'],
  ): Promise<SqlCommands[Verb]['result']> {
    if (this.#ended) return Promise.reject(this.#ended)
    if (this.#isClosing) return Promise.reject(this.#closedError())
    if (this.#commands.length === 0) process.nextTick(() => this.#flush())
    // Verb and request belong together by this method's signature.
    this.#commands.push({ verb, request } as SqlCommand)
    const { promise, resolve, reject } = Promise.withResolvers<SqlCommands[Verb]['result']>()
    // The thread answers with the result of this verb.
    this.#pending.push({ verb, resolve: resolve as Pending['resolve'], reject })
    return promise
  }

  #flush(): void {
    if (this.#commands.length === 0 || this.#ended) return
    this.#post({ kind: 'execute', commands: this.#commands })
    this.#sent.push(this.#pending)
    this.#commands = []
    this.#pending = []
  }

  #post(request: ThreadRequest): void {
    this.#worker.postMessage(request)
  }

  wait(request: WaitRequest, signal: AbortSignal): Promise<void> {
    if (this.#ended || this.#isClosing || signal.aborted) return Promise.resolve()
    const id = this.#nextWait
    this.#nextWait += 1
    const { promise, resolve } = Promise.withResolvers<void>()
    const abort = () => {
      this.#post({ kind: 'unwait', id })
      this.#ready(id)
    }
    signal.addEventListener('abort', abort, { once: true })
    this.#waits.set(id, () => {
      signal.removeEventListener('abort', abort)
      resolve()
    })
    this.#flush()
    this.#post({ kind: 'wait', id, request })
    return promise
  }

  #ready(id: number): void {
    const resolve = this.#waits.get(id)
    this.#waits.delete(id)
    resolve?.()
  }

  #receive(reply: ThreadReply): void {
    if (reply.kind === 'executed') this.#answer(reply.results)
    else if (reply.kind === 'attempted') this.#answerEach(reply.outcomes)
    else if (reply.kind === 'ready') this.#ready(reply.id)
    else if (reply.kind === 'opened') this.#opened.resolve()
    else if (reply.kind === 'unannounced') this.#report(reply.reason)
    else this.#threadEnded(reply.failure)
  }

  #answer(results: readonly unknown[]): void {
    const pending = this.#sent.shift() ?? []
    for (const [index, { resolve }] of pending.entries()) resolve(results[index])
  }

  #answerEach(outcomes: readonly Outcome[]): void {
    const pending = this.#sent.shift() ?? []
    for (const [index, { verb, resolve, reject }] of pending.entries()) {
      const outcome = outcomes[index]
      if (outcome && 'result' in outcome) resolve(outcome.result)
      else if (outcome) reject(toMessagingError(outcome.failure, this.#work(verb)))
    }
  }

  #report(reason: string): void {
    const text =
      `Changes of SQLite database "${this.#path}" are not announced here (${reason}); ` +
      'looking for new messages 40 times a second instead'
    this.#options.report?.(new UnsupportedError(text))
  }

  #work(verb: FailedWork['verb']): FailedWork {
    const { path, lockTimeoutMs } = this.#settings
    return { path, verb, lockTimeoutMs }
  }

  #threadEnded(failure: Failure | undefined): void {
    if (failure === undefined) {
      this.#end(undefined)
      return
    }
    this.#opened.reject(toMessagingError(failure, this.#work('open')))
    this.#end(toMessagingError(failure, this.#work('hold')))
  }

  #crashed(error: unknown): void {
    const message = `The thread of SQLite database "${this.#path}" failed: ${reasonOf(error)}`
    const lost = new ConnectionError('CONNECTION_LOST', message, { cause: error })
    this.#opened.reject(lost)
    this.#end(lost)
  }

  /** @param error What ended the session, if it was not closed. */
  #end(error: MessagingError | undefined): void {
    if (this.#ended) return
    this.#ended = error === undefined ? this.#closedError() : this.#lostError(error)
    const pending = [...this.#sent.flat(), ...this.#pending]
    this.#sent.length = 0
    this.#pending = []
    for (const { verb, reject } of pending) reject(this.#interrupted(verb))
    for (const id of [...this.#waits.keys()]) this.#ready(id)
    this.#closed.resolve(error)
  }

  #interrupted(verb: SqlVerb): MessagingError {
    const cause = this.#ended ?? this.#closedError()
    if (!isPublishing(verb)) return cause
    return new OutcomeUnknownError(
      `The session on SQLite database "${this.#path}" ended before it confirmed the message`,
      { cause },
    )
  }

  #closedError(): ConnectionError {
    return new ConnectionError(
      'CONNECTION_CLOSED',
      `The session on SQLite database "${this.#path}" is closed`,
    )
  }

  #lostError(cause: MessagingError): ConnectionError {
    if (cause instanceof ConnectionError) return cause
    return new ConnectionError(
      'CONNECTION_LOST',
      `The session on SQLite database "${this.#path}" was lost: ${cause.message}`,
      { cause },
    )
  }

  async close(): Promise<void> {
    if (!this.#isClosing) {
      this.#flush()
      this.#isClosing = true
      this.#letEnd()
    }
    await this.#closed.promise
  }

  destroy(error?: MessagingError): void {
    if (this.#ended) return
    const text = `The session on SQLite database "${this.#path}" was cut`
    this.#end(error ?? new ConnectionError('CONNECTION_LOST', text))
    if (!this.#isClosing) this.#letEnd()
    this.#isClosing = true
  }

  /** The thread gives leases back before it ends; if it cannot, they run out by themselves. */
  #letEnd(): void {
    this.#post({ kind: 'close' })
    const terminate = () => void this.#worker.terminate()
    const timer = setTimeout(terminate, this.#settings.lockTimeoutMs + endGraceMs)
    timer.unref()
    this.#worker.once('exit', () => clearTimeout(timer))
  }
}

/** The thread's file is a source beside this one, or its compiled form. */
function threadUrl(): URL {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js'
  return new URL(`./database-thread.${extension}`, import.meta.url)
}
