import { expect, test } from 'vitest'
import {
  ChannelError,
  ConnectionError,
  type MessagingError,
  OutcomeUnknownError,
  PublishError,
} from '../errors.ts'
import { type FailedWork, toMessagingError } from './filesystem-error.ts'

function convert(code: string, work: FailedWork['work']): MessagingError {
  const error = Object.assign(new Error(`${code}: says the system`), { code })
  return toMessagingError(error, { work, what: 'store messages', folder: '/srv/queue' })
}

test.each([
  ['ENOSPC', 'put', PublishError, 'REFUSED', 'Free some space'],
  ['EDQUOT', 'put', PublishError, 'REFUSED', 'quota'],
  ['EROFS', 'put', PublishError, 'REFUSED', 'read-only'],
  ['EACCES', 'put', PublishError, 'ACCESS_REFUSED', 'owner and mode'],
  ['EPERM', 'other', ChannelError, 'ACCESS_REFUSED', 'owner and mode'],
  ['EACCES', 'open', ConnectionError, 'ACCESS_REFUSED', 'owner and mode'],
  ['EROFS', 'open', ConnectionError, 'CONNECTION_REFUSED', 'read-only'],
  ['ENOTDIR', 'open', ConnectionError, 'CONNECTION_REFUSED', 'not a folder'],
  ['ENOENT', 'other', ConnectionError, 'CONNECTION_LOST', 'not there any more'],
  ['EIO', 'put', OutcomeUnknownError, 'OUTCOME_UNKNOWN', 'disk failed'],
  ['EXDEV', 'other', ChannelError, 'REFUSED', 'between file systems'],
  ['EMFILE', 'other', ChannelError, 'REFUSED', 'ulimit'],
  ['EWHATEVER', 'put', PublishError, 'REFUSED', 'refuses'],
] as const)('%s while: %s', (code, work, type, ours, says) => {
  const error = convert(code, work)
  expect(error).toBeInstanceOf(type)
  expect(error.code).toBe(ours)
  expect(error.message).toContain('/srv/queue')
  expect(error.message).toContain(says)
  expect(error.message).toContain(`${code}: says the system`)
})

test('an error of ours stays what it is', () => {
  const error = new ChannelError('NOT_FOUND', 'x')
  expect(toMessagingError(error, { work: 'put', what: 'x', folder: 'y' })).toBe(error)
})
