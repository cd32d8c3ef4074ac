import {
  ChannelError,
  ConnectionError,
  MessagingError,
  type MessagingErrorCode,
  OutcomeUnknownError,
  PublishError,
  reasonOf,
} from '../errors.ts'

/** What was being done, and in which folder. */
export interface FailedWork {
  readonly work: 'open' | 'put' | 'other'
  /** E.g. `store a message`. */
  readonly what: string
  readonly folder: string
}

/** The code of a system error, e.g. `ENOENT`. */
export function systemCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error ? String(error.code) : undefined
}

/** True when a file, or a folder on the way to it, is not there. */
export function isMissing(error: unknown): boolean {
  return systemCode(error) === 'ENOENT'
}

interface Explanation {
  readonly code: MessagingErrorCode
  readonly text: string
}

const access: Explanation = {
  code: 'ACCESS_REFUSED',
  text: 'permission denied. Check owner and mode of the folder: it has to be readable and writable',
}
const full: Explanation = {
  code: 'REFUSED',
  text: 'the disk or the quota is full. Free some space; nothing was changed',
}
const tooMany: Explanation = {
  code: 'REFUSED',
  text: 'too many open files. Raise the limit ("ulimit -n")',
}
const noFolder: Explanation = {
  code: 'REFUSED',
  text: 'it is not a folder. Choose another path, or remove the file',
}

const explanations: Readonly<Record<string, Explanation>> = {
  ENOSPC: full,
  EDQUOT: full,
  EACCES: access,
  EPERM: access,
  EROFS: {
    code: 'REFUSED',
    text: 'the file system is read-only. Mount it writable, or choose another folder',
  },
  EFBIG: {
    code: 'REFUSED',
    text: 'the file would be larger than this process may write, or than the file system can hold. Raise the limit ("ulimit -f"), or compress the body',
  },
  EMFILE: tooMany,
  ENFILE: tooMany,
  ENOTDIR: noFolder,
  EEXIST: noFolder,
  ENOENT: {
    code: 'CONNECTION_LOST',
    text: 'the folder is not there any more. Connecting again creates it, where that is possible',
  },
  EXDEV: {
    code: 'REFUSED',
    text: 'files cannot be moved between file systems. Put the folder on the one that "dataFolderIn" is on',
  },
  EIO: { code: 'OUTCOME_UNKNOWN', text: 'reading or writing the disk failed' },
}

/**
 * The one place where errors of the file system become ours.
 *
 * `ENOSPC`, `EDQUOT`, `EROFS`, `EMFILE` → `REFUSED`; `EACCES`, `EPERM` → `ACCESS_REFUSED`; a folder that
 * is gone → `CONNECTION_LOST`; `EIO` while publishing → {OutcomeUnknownError}. All name the folder.
 */
export function toMessagingError(error: unknown, failed: FailedWork): MessagingError {
  if (MessagingError.is(error)) return error
  const { code, text } = explain(error)
  const message = `Cannot ${failed.what} in folder "${failed.folder}": ${text} (${reasonOf(error)})`
  const options = { cause: error }
  if (failed.work === 'open')
    return new ConnectionError(
      code === 'ACCESS_REFUSED' ? code : 'CONNECTION_REFUSED',
      message,
      options,
    )
  if (code === 'CONNECTION_LOST') return new ConnectionError(code, message, options)
  if (failed.work === 'other') return new ChannelError(code, message, options)
  if (code === 'OUTCOME_UNKNOWN') return new OutcomeUnknownError(message, options)
  return new PublishError(code, message, options)
}

function explain(error: unknown): Explanation {
  const code = systemCode(error) ?? ''
  return explanations[code] ?? { code: 'REFUSED', text: 'the file system refuses' }
}
