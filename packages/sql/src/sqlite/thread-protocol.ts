/** What the main thread and the database thread say to each other. */
import type { SqlCommand, WaitRequest } from '../sql-database.ts'
import { isBusy } from './busy.ts'
import type { EngineSettings } from './engine.ts'
import { ReplacedFileError } from './file-identity.ts'
import { ForeignSchemaError } from './foreign-schema-error.ts'
import { HolderGoneError } from './holder-gone-error.ts'

/** Given to a database thread at its start. */
export interface ThreadSettings extends EngineSettings {
  /** How often to look for changes although none was announced. */
  readonly pollIntervalMs: number
}

/** To the database thread. Carried out in order. */
export type ThreadRequest =
  | { readonly kind: 'execute'; readonly commands: readonly SqlCommand[] }
  | { readonly kind: 'wait'; readonly id: number; readonly request: WaitRequest }
  | { readonly kind: 'unwait'; readonly id: number }
  | { readonly kind: 'close' }

/** From the database thread. `executed` and `attempted` answer the oldest `execute`. */
export type ThreadReply =
  | { readonly kind: 'opened' }
  /** All went well. */
  | { readonly kind: 'executed'; readonly results: readonly unknown[] }
  /** Some or all did not. */
  | { readonly kind: 'attempted'; readonly outcomes: readonly Outcome[] }
  | { readonly kind: 'ready'; readonly id: number }
  /** Commits of other processes are found by polling only. */
  | { readonly kind: 'unannounced'; readonly reason: string }
  | { readonly kind: 'ended'; readonly failure: Failure | undefined }

/** What became of one command. */
export type Outcome = { readonly result: unknown } | { readonly failure: Failure }

/** An error on its way between threads. */
export interface Failure {
  readonly reason: 'sqlite' | 'schema' | 'holder-gone' | 'replaced' | 'internal'
  /** SQLite's extended result code. */
  readonly errorCode: number | undefined
  readonly message: string
}

export function failureOf(error: unknown): Failure {
  if (!(error instanceof Error)) return failure('internal', String(error))
  if (error instanceof HolderGoneError) return failure('holder-gone', error.message)
  if (error instanceof ForeignSchemaError) return failure('schema', error.message)
  if (error instanceof ReplacedFileError) return failure('replaced', error.message)
  if ('errcode' in error) return failure('sqlite', error.message, Number(error.errcode))
  return failure('internal', error.stack ?? error.message)
}

function failure(reason: Failure['reason'], message: string, errorCode?: number): Failure {
  return { reason, message, errorCode }
}

/** True when waiting may help: the lock, or room on the disk. */
export function isPassing(error: unknown): boolean {
  return isBusy(error) || failureOf(error).errorCode === 13
}
