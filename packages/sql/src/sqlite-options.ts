import {
  ConfigurationError,
  checkOptions,
  type OptionSpecs,
  type VirtualOptions,
} from '@dashi/messaging/transport'
import type { HiddenRowsPolicy } from './sqlite/hidden-rows.ts'
import { tableNamePattern } from './table-names.ts'

export type { HiddenRowsPolicy } from './sqlite/hidden-rows.ts'

/** Options of the SQLite transport. */
export interface SqliteOptions extends VirtualOptions {
  /** The database file, created if missing; its folder must exist. Relative to the working directory. */
  readonly path: string
  /** Kombu's `queue_tablename`. Default `kombu_queue`. */
  readonly queueTablename?: string | undefined
  /** Kombu's `message_tablename`. Default `kombu_message`. */
  readonly messageTablename?: string | undefined
  /**
   * How long the messages of a process that died stay away. Renewed by a thread three times in that
   * time, however long a handler runs or blocks. Default 15 000.
   */
  readonly leaseMs?: number | undefined
  /** Longest wait for the file's one write lock before an operation fails. Default 10 000. */
  readonly lockTimeoutMs?: number | undefined
  /** How often to look for new messages although none was announced. Default 500. */
  readonly pollIntervalMs?: number | undefined
  /**
   * What a confirmed message survives: `full` (default) also the loss of power, `normal` the death of
   * every process. SQLite's `synchronous`.
   */
  readonly synchronous?: 'full' | 'normal' | undefined
  /**
   * What to do about rows that Kombu consumers took. Default: nothing, since a row that Kombu has
   * acknowledged looks like one whose consumer died.
   */
  readonly hiddenRows?: HiddenRowsPolicy | undefined
  /** Largest envelope in bytes. Default 128 MiB. */
  readonly maxPayloadBytes?: number | undefined
}

/** The store's part of `SqliteOptions`, with its defaults filled in. */
export interface SqliteSettings {
  readonly path: string
  readonly queueTablename: string
  readonly messageTablename: string
  readonly leaseMs: number
  readonly lockTimeoutMs: number
  readonly pollIntervalMs: number
  readonly synchronous: 'full' | 'normal'
  readonly hiddenRows: HiddenRowsPolicy | undefined
  readonly maxPayloadBytes: number
}

/** Options that can stand in a URL. */
export const urlSpecs: OptionSpecs = {
  queueTablename: 'string',
  messageTablename: 'string',
  leaseMs: { type: 'number', min: 300, integer: true },
  lockTimeoutMs: { type: 'number', min: 0 },
  pollIntervalMs: { type: 'number', min: 1 },
  synchronous: { type: 'string', oneOf: ['full', 'normal'] },
  maxPayloadBytes: { type: 'number', min: 1, max: 512 * 1024 * 1024, integer: true },
  bodyEncoding: { type: 'string', oneOf: ['base64', 'utf-8'] },
  topicMatching: { type: 'string', oneOf: ['kombu', 'amqp'] },
  deadletterQueue: 'string',
  maxTake: { type: 'number', min: 1, integer: true },
}

const specs: OptionSpecs = {
  ...urlSpecs,
  path: { type: 'string', min: 1 },
  hiddenRows: 'object',
  now: 'function',
}

const hiddenRowsSpecs: OptionSpecs = {
  action: { type: 'string', oneOf: ['delete', 'restore'] },
  afterMs: { type: 'number', min: 0 },
}

/**
 * Checks options and fills in the defaults.
 *
 * @throws {ConfigurationError} `BAD_OPTION`.
 */
export function sqliteSettings(options: SqliteOptions): SqliteSettings {
  checkOptions('the SQLite transport', options, specs)
  if (options.path === undefined) throw missing('path', 'the SQLite transport')
  if (options.path === '' || options.path === ':memory:') throw inMemory()
  return {
    path: options.path,
    queueTablename: tableName('queueTablename', options.queueTablename ?? 'kombu_queue'),
    messageTablename: tableName('messageTablename', options.messageTablename ?? 'kombu_message'),
    leaseMs: options.leaseMs ?? 15_000,
    lockTimeoutMs: options.lockTimeoutMs ?? 10_000,
    pollIntervalMs: options.pollIntervalMs ?? 500,
    synchronous: options.synchronous ?? 'full',
    hiddenRows: hiddenRowsPolicy(options.hiddenRows),
    maxPayloadBytes: options.maxPayloadBytes ?? 128 * 1024 * 1024,
  }
}

/** The error for a database that other processes could not see. */
export function inMemory(): ConfigurationError {
  return new ConfigurationError(
    'BAD_OPTION',
    'The SQLite transport needs a file: a database in memory is seen by one connection only. ' +
      'Use memory:// for a broker inside the process',
  )
}

function tableName(option: string, name: string): string {
  if (tableNamePattern.test(name)) return name
  throw new ConfigurationError(
    'BAD_OPTION',
    `Option "${option}" of the SQLite transport has to be letters, digits and _, not ${JSON.stringify(name)}`,
  )
}

function hiddenRowsPolicy(policy: HiddenRowsPolicy | undefined): HiddenRowsPolicy | undefined {
  if (policy === undefined) return undefined
  const subject = 'option "hiddenRows" of the SQLite transport'
  checkOptions(subject, policy, hiddenRowsSpecs)
  if (policy.action === undefined) throw missing('action', subject)
  if (policy.afterMs === undefined) throw missing('afterMs', subject)
  return policy
}

function missing(name: string, subject: string): ConfigurationError {
  return new ConfigurationError('BAD_OPTION', `Option "${name}" of ${subject} is missing`)
}
