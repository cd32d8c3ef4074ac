import { existsSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import {
  ChannelError,
  ConnectionError,
  LeaseLostError,
  type MessagingError,
  type MessagingErrorCode,
  OutcomeUnknownError,
  PublishError,
} from '@dashi/messaging/transport'
import type { SqlVerb } from '../sql-database.ts'
import type { Failure } from './thread-protocol.ts'

/** What was being done to which file. */
export interface FailedWork {
  readonly path: string
  readonly verb: SqlVerb | 'open' | 'hold' | 'results'
  readonly lockTimeoutMs: number
}

interface Explanation {
  readonly code: MessagingErrorCode
  readonly text: string
}

const publishing: ReadonlySet<string> = new Set<SqlVerb>(['put', 'putRouted', 'pushItem'])

/** True for commands by which something new is stored. */
export function isPublishing(verb: FailedWork['verb']): boolean {
  return publishing.has(verb)
}

/**
 * The one place where SQLite's result codes become our errors.
 *
 * `BUSY` → `TIMED_OUT`; `FULL`, `READONLY`, `CORRUPT`, `NOTADB`, … → `REFUSED`; `TOOBIG` → `TOO_LARGE`;
 * a failed write to the disk while publishing → {OutcomeUnknownError}; anything at opening →
 * {ConnectionError}. All name the file.
 */
export function toMessagingError(failure: Failure, work: FailedWork): MessagingError {
  const cause = new Error(failure.message)
  if (failure.reason === 'holder-gone') return leaseLost(work, cause)
  const { code, text } = explain(failure, work)
  const message = `${titles[work.verb]} SQLite database "${work.path}": ${text}`
  if (work.verb === 'open') return new ConnectionError(openCode(code), message, { cause })
  if (work.verb === 'hold') return new ConnectionError('CONNECTION_LOST', message, { cause })
  if (!isPublishing(work.verb)) return new ChannelError(code, message, { cause })
  if (code === 'OUTCOME_UNKNOWN') return new OutcomeUnknownError(message, { cause })
  return new PublishError(code, message, { cause })
}

const titles: Readonly<Record<FailedWork['verb'], string>> = {
  open: 'Cannot open',
  hold: 'Cannot go on with',
  results: 'Cannot read or write results in',
  put: 'Cannot store messages in',
  putRouted: 'Cannot store messages in',
  take: 'Cannot take messages from',
  settle: 'Cannot settle messages in',
  declareQueue: 'Cannot declare a queue in',
  ownsQueue: 'Cannot look up a queue in',
  joinQueue: 'Cannot note who consumes from a queue in',
  leaveQueue: 'Cannot note who consumes from a queue in',
  inspectQueue: 'Cannot look up a queue in',
  purgeQueue: 'Cannot purge a queue in',
  deleteQueue: 'Cannot delete a queue from',
  bind: 'Cannot bind a queue in',
  unbind: 'Cannot unbind a queue in',
  lookup: 'Cannot look up bindings in',
  declareExchange: 'Cannot declare an exchange in',
  exchangeType: 'Cannot look up an exchange in',
  removeExchange: 'Cannot delete an exchange from',
  unbindQueue: 'Cannot unbind a queue in',
  pushItem: 'Cannot push an item to',
  popItem: 'Cannot pop an item from',
  countItems: 'Cannot count items in',
  clearItems: 'Cannot clear a queue in',
}

function leaseLost(work: FailedWork, cause: Error): LeaseLostError {
  return new LeaseLostError(
    `The lease of this session on SQLite database "${work.path}" ran out and its messages went back to their queues: ` +
      'the process was stopped, or the file was locked or unwritable, for longer than `leaseMs`',
    { cause },
  )
}

function openCode(code: MessagingErrorCode): MessagingErrorCode {
  return code === 'ACCESS_REFUSED' || code === 'TIMED_OUT' ? code : 'CONNECTION_REFUSED'
}

function explain(failure: Failure, work: FailedWork): Explanation {
  const { reason, message, errorCode = 0 } = failure
  if (reason === 'schema') return { code: 'PRECONDITION_FAILED', text: message }
  if (reason === 'replaced') return { code: 'CONNECTION_LOST', text: message }
  if (reason === 'internal') return { code: 'REFUSED', text: `unexpected failure: ${message}` }
  const explanation = explanations[errorCode & 0xff]
  if (explanation) return explanation(work, message)
  return { code: 'REFUSED', text: `SQLite says: ${message} (code ${errorCode})` }
}

type Explain = (work: FailedWork, message: string) => Explanation

const busy: Explain = ({ lockTimeoutMs }) => ({
  code: 'TIMED_OUT',
  text:
    `another process has held the write lock for more than ${lockTimeoutMs} ms. ` +
    'Look for a process that is stopped or keeps a transaction open, or raise `lockTimeoutMs`',
})

const refused =
  (text: string): Explain =>
  (_, message) => ({ code: 'REFUSED', text: `${text} (SQLite says: ${message})` })

/** By primary result code. Source: the list of result codes in SQLite's C interface. */
const explanations: Readonly<Record<number, Explain>> = {
  3: () => ({
    code: 'ACCESS_REFUSED',
    text: 'permission denied. Check owner and mode of the file',
  }),
  5: busy,
  6: busy,
  7: refused('out of memory'),
  8: refused('it is read-only. Check owner and mode of the file and of its folder'),
  10: (_, message) => ({
    code: 'OUTCOME_UNKNOWN',
    text: `reading or writing the disk failed (SQLite says: ${message})`,
  }),
  11: refused(
    'it is damaged. Stop all processes and restore it, or recover it with "sqlite3 FILE .recover"',
  ),
  13: refused('the disk is full. Free some space; nothing was changed'),
  14: cannotOpen,
  18: () => ({ code: 'TOO_LARGE', text: 'a message is larger than SQLite can hold' }),
  26: refused('it is not a SQLite database. Choose another path'),
}

function cannotOpen({ path }: FailedWork, message: string): Explanation {
  const folder = dirname(path)
  if (!existsSync(folder)) {
    return {
      code: 'CONNECTION_REFUSED',
      text: `the folder "${folder}" does not exist. Create it first`,
    }
  }
  if (existsSync(path) && statSync(path).isDirectory()) {
    return { code: 'CONNECTION_REFUSED', text: 'it is a folder. Give the path of a file' }
  }
  return {
    code: 'ACCESS_REFUSED',
    text: `the file cannot be opened or created; check owner and mode of it and of "${folder}" (SQLite says: ${message})`,
  }
}
