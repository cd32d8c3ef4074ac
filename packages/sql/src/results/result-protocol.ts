/** What a result session and its thread say to each other: plain data. */
import type { Failure } from '../sqlite/thread-protocol.ts'

/** A row of `celery_taskmeta`, without its number. Blobs are written and read by the session. */
export interface TaskRow {
  readonly task_id: string
  readonly status: string
  readonly result: Uint8Array | null
  /** `YYYY-MM-DD HH:MM:SS.ffffff`, UTC. */
  readonly date_done: string | null
  readonly traceback: string | null
  readonly name: string | null
  readonly args: Uint8Array | null
  readonly kwargs: Uint8Array | null
  readonly worker: string | null
  readonly retries: number | null
  readonly queue: string | null
}

/** Every command, with what it takes and what it answers. */
export interface ResultCommands {
  readonly store: { readonly request: TaskRow; readonly result: undefined }
  readonly load: { readonly request: string; readonly result: TaskRow | undefined }
  /** Answers what is there, and has changes told from then on. */
  readonly watch: { readonly request: string; readonly result: TaskRow | undefined }
  readonly unwatch: { readonly request: string; readonly result: undefined }
  readonly forget: { readonly request: string; readonly result: undefined }
  readonly storeGroup: {
    readonly request: { readonly id: string; readonly result: Uint8Array; readonly date: string }
    readonly result: undefined
  }
  readonly loadGroup: { readonly request: string; readonly result: Uint8Array | undefined }
  readonly forgetGroup: { readonly request: string; readonly result: undefined }
  /** Removes what was done before a date. Answers how many. */
  readonly cleanup: { readonly request: string; readonly result: number }
}

/** The name of a command. */
export type ResultVerb = keyof ResultCommands

/** One command. */
export type ResultCommand = {
  readonly [Verb in ResultVerb]: {
    readonly verb: Verb
    readonly request: ResultCommands[Verb]['request']
  }
}[ResultVerb]

/** Given to the thread at its start. */
export interface ResultThreadSettings {
  readonly path: string
  readonly lockTimeoutMs: number
  readonly pollIntervalMs: number
  readonly synchronous: 'full' | 'normal'
}

/** To the thread: the commands of one turn, in order, in one transaction; or the end. */
export type ResultThreadRequest =
  | { readonly kind: 'execute'; readonly commands: readonly ResultCommand[] }
  | { readonly kind: 'close' }

/** From the thread. `executed` and `failed` answer the oldest `execute`. */
export type ResultThreadReply =
  | { readonly kind: 'executed'; readonly results: readonly unknown[] }
  | { readonly kind: 'failed'; readonly failure: Failure }
  /** Rows of watched tasks that have changed. */
  | { readonly kind: 'changed'; readonly rows: readonly TaskRow[] }
  | { readonly kind: 'unannounced'; readonly reason: string }
  | { readonly kind: 'ended'; readonly failure: Failure | undefined }
