/**
 * From what Redis says to the errors of `@dashi/messaging`: the one place where that is decided.
 *
 * | Redis says | means |
 * | --- | --- |
 * | NOAUTH, WRONGPASS | `ConnectionError` ACCESS_REFUSED |
 * | NOPERM | `ChannelError` ACCESS_REFUSED |
 * | READONLY, MASTERDOWN, LOADING, CLUSTERDOWN, MOVED, ASK, TRYAGAIN, UNBLOCKED | this is not the server to talk to now: `ConnectionError` CONNECTION_LOST |
 * | OOM, MISCONF, NOREPLICAS, BUSY | it takes no writes now: REFUSED |
 * | WRONGTYPE | a key is somebody else's: `ChannelError` PRECONDITION_FAILED |
 * | DASHI_LEASE_LOST (our own scripts) | `LeaseLostError` |
 */
import {
  ChannelError,
  ConnectionError,
  LeaseLostError,
  MessagingError,
  OutcomeUnknownError,
  PublishError,
  reasonOf,
} from '@dashi/messaging/transport'
import { LostError, ReplyError, UnreplicatedError } from './connection/client-errors.ts'
import { BacklogError } from './resp/command-writer.ts'

const wrongServer = new Set([
  'READONLY',
  'MASTERDOWN',
  'LOADING',
  'CLUSTERDOWN',
  'MOVED',
  'ASK',
  'TRYAGAIN',
  'UNBLOCKED',
])
const takesNoWrites = new Set(['OOM', 'MISCONF', 'NOREPLICAS', 'BUSY'])

const advice: Readonly<Record<string, string>> = {
  OOM: 'Its memory is full: consume or delete messages, or raise "maxmemory"',
  MISCONF:
    'It could not write its snapshot: look at its disk and log, or at "stop-writes-on-bgsave-error"',
  NOREPLICAS: 'Too few replicas are up for "min-replicas-to-write"',
  BUSY: 'A script or module runs for too long: see "SCRIPT KILL"',
  READONLY: 'It is a replica: connect to its master, or through Sentinel',
  MASTERDOWN: 'It is a replica that lost its master',
  LOADING: 'It is still loading its data',
  WRONGTYPE:
    'The key holds something else: use another queue or exchange name, or "globalKeyprefix"',
  NOPERM: "Extend the user's ACL: commands, keys and channels",
}

/**
 * The error that a session has to end with after this one, so that the connection is made anew, after
 * a pause and perhaps elsewhere. `undefined` when the session is as good as before.
 */
export function sessionEnd(error: unknown): MessagingError | undefined {
  if (error instanceof LeaseLostError || error instanceof ConnectionError) return error
  if (!MessagingError.is(error) || !(error.cause instanceof ReplyError)) return undefined
  const { kind } = error.cause
  const isUseless = wrongServer.has(kind)
  // A producer learns it from each publish; a consumer would be told nothing.
  const isStuck = takesNoWrites.has(kind) && !(error instanceof PublishError)
  if (!isUseless && !isStuck) return undefined
  return new ConnectionError('CONNECTION_LOST', error.message, { cause: error })
}

/**
 * The error of an operation that is not a publish.
 *
 * @param doing What was tried, e.g. `take from queue "a"`.
 */
export function operationError(error: unknown, doing: string): unknown {
  if (MessagingError.is(error)) return error
  if (error instanceof LostError) return lost(error, doing)
  if (error instanceof BacklogError) {
    return new ChannelError('REFUSED', notSent(error, doing), { cause: error })
  }
  if (!(error instanceof ReplyError)) return error
  const { kind } = error
  const message = explained(error, doing)
  const options = { cause: error }
  if (kind === 'DASHI_LEASE_LOST') return leaseLost('Redis knows it no longer', options)
  if (kind === 'NOAUTH' || kind === 'WRONGPASS') {
    return new ConnectionError('ACCESS_REFUSED', message, options)
  }
  if (kind === 'NOPERM') return new ChannelError('ACCESS_REFUSED', message, options)
  if (kind === 'WRONGTYPE') return new ChannelError('PRECONDITION_FAILED', message, options)
  if (wrongServer.has(kind)) return new ConnectionError('CONNECTION_LOST', message, options)
  return new ChannelError('REFUSED', message, options)
}

/** The error of a publish: definitely refused, or unknown. */
export function publishError(error: unknown, doing: string): unknown {
  if (error instanceof UnreplicatedError) return unreplicated(error, doing)
  if (error instanceof LostError && error.wasSent) {
    return new OutcomeUnknownError(
      `Cannot tell whether Redis has the messages: the connection was lost before the answer to "${doing}" (${error.message}). ` +
        'Publish again under the same message id, if doing it twice does no harm',
      { cause: error },
    )
  }
  if (error instanceof BacklogError) {
    return new PublishError('REFUSED', notSent(error, doing), { cause: error })
  }
  const refused =
    error instanceof ReplyError && (wrongServer.has(error.kind) || takesNoWrites.has(error.kind))
  if (refused) return new PublishError('REFUSED', explained(error, doing), { cause: error })
  return operationError(error, doing)
}

/** The error of a connection that did not come about. `address` says which, without password. */
export function connectError(error: unknown, address: string): unknown {
  if (MessagingError.is(error)) return error
  const options = { cause: error }
  const refusal = error instanceof ReplyError ? error.kind : ''
  const reason = `Cannot connect to Redis at ${address}: ${reasonOf(error)}`
  if (refusal === 'NOAUTH' || refusal === 'WRONGPASS' || refusal === 'NOPERM') {
    const hint = 'Check user and password, and what the ACL allows'
    return new ConnectionError('ACCESS_REFUSED', `${reason}. ${hint}`, options)
  }
  const hint = advice[refusal] ?? 'Check host and port, and that the server runs'
  return new ConnectionError('CONNECTION_REFUSED', `${reason}. ${hint}`, options)
}

/** The error of a session whose lease ended while it was alive. */
export function leaseLost(reason: string, options?: ErrorOptions): LeaseLostError {
  return new LeaseLostError(
    `The lease of this Redis session ran out (${reason}), and its messages go to other consumers: ` +
      'the process with all its threads, or its way to Redis, stood still for longer than "leaseMs"',
    options,
  )
}

function unreplicated(error: UnreplicatedError, doing: string): OutcomeUnknownError {
  const reason = error.cause === undefined ? '' : ` (${reasonOf(error.cause)})`
  return new OutcomeUnknownError(
    `Cannot tell whether the messages outlive a failover: Redis did "${doing}", but ${error.message}${reason}. ` +
      'Look at its replicas and their links ("INFO replication"), at "confirmReplicas" and "confirmTimeoutMs"; ' +
      'publish again under the same message id, if doing it twice does no harm',
    { cause: error.cause ?? error },
  )
}

function notSent(error: BacklogError, doing: string): string {
  return `Cannot ${doing}: ${error.message}`
}

function lost(error: LostError, doing: string): ConnectionError {
  const message = `Cannot ${doing}: the connection to Redis was lost (${error.message})`
  return new ConnectionError('CONNECTION_LOST', message, { cause: error })
}

function explained(error: ReplyError, doing: string): string {
  const hint = advice[error.kind]
  return `Cannot ${doing}: Redis answered "${error.message}"${hint === undefined ? '' : `. ${hint}`}`
}
