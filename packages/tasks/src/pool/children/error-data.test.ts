import { MessagingError, PublishError } from '@dashi/messaging'
import { expect, test } from 'vitest'
import * as ownErrors from '../../errors.ts'
import { encodeException } from '../../result/encode-exception.ts'
import { HttpError } from '../testing/suite-app.ts'
import { thrownData, thrownFromData } from './error-data.ts'

function travelled(thrown: unknown, known: readonly (typeof HttpError)[] = []): unknown {
  return thrownFromData(structuredClone(thrownData(thrown)), known)
}

class Named extends Error {
  override readonly name = 'Special'
}

const failed = new ownErrors.TaskFailedError({
  type: 'ValueError',
  module: 'builtins',
  args: ['x', 1],
})
const system = Object.assign(new Error('no file'), { code: 'ENOENT', errno: -2 })

test.each([
  ["the language's", new RangeError('range')],
  ['with a code', system],
  ['of a user', new HttpError(404)],
  ['with a name of its own', new Named('special')],
  ['ours', new ownErrors.TaskRevokedError('revoked')],
  ['a limit', new ownErrors.SoftTimeLimitExceededError('SoftTimeLimitExceeded(1)')],
  ['rebuilt from Python', failed],
  ['of messaging', new PublishError('UNROUTABLE', 'unroutable')],
  ['with causes', new Error('a', { cause: new TypeError('b', { cause: 'c' }) })],
  ['abort', AbortSignal.abort().reason],
  ['a text', 'text'],
  ['nothing', undefined],
  ['an object', { a: [2n ** 70n, new Date(1)] }],
])('an error looks the same in a result: %s', (_, thrown) => {
  expect(encodeException(travelled(thrown))).toEqual(encodeException(thrown))
})

test('is of the nearest class that is known, and of its family', () => {
  expect(travelled(new HttpError(500), [HttpError])).toBeInstanceOf(HttpError)
  expect(travelled(new HttpError(500))).not.toBeInstanceOf(HttpError)
  expect(travelled(new HttpError(500))).toMatchObject({ name: 'HttpError', status: 500 })
  expect(travelled(new TypeError('x'))).toBeInstanceOf(TypeError)
  const revoked = travelled(new ownErrors.TaskRevokedError('x'))
  expect(revoked).toBeInstanceOf(ownErrors.TaskRevokedError)
  expect(ownErrors.TaskError.is(revoked)).toBe(true)
  expect(MessagingError.is(travelled(new PublishError('UNROUTABLE', 'x')))).toBe(true)
  expect(travelled(failed)).toMatchObject({ type: 'ValueError', args: ['x', 1] })
})

test('keeps the stack, and no fields that cannot travel', () => {
  const error = Object.assign(new Error('x'), { socket: { on: () => undefined }, ports: [1, 2] })
  const again = travelled(error)
  expect(again).toHaveProperty('stack', error.stack)
  expect(again).toHaveProperty('ports', [1, 2])
  expect(again).not.toHaveProperty('socket')
})

test('causes that go round end', () => {
  const error = new Error('round')
  error.cause = error
  expect(encodeException(travelled(error))).toEqual(encodeException(error))
})
