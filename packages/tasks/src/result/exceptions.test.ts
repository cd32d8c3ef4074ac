import { DecodeError } from '@dashi/messaging'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  InvalidTaskError,
  MaxRetriesExceededError,
  Retry,
  SoftTimeLimitExceededError,
  TaskError,
  TaskFailedError,
  TaskRevokedError,
  TimeLimitExceededError,
  WorkerLostError,
} from '../errors.ts'
import { decodeException } from './decode-exception.ts'
import { encodeException } from './encode-exception.ts'
import { tracebackText } from './traceback-text.ts'

class PaymentRefused extends Error {}

/** `module.Type`, and the arguments. */
function told(thrown: unknown): readonly [string, readonly unknown[]] {
  const { exc_type, exc_module, exc_message } = encodeException(thrown)
  return [`${exc_module}.${exc_type}`, exc_message]
}

describe('encodeException()', () => {
  test.each<[unknown, string, readonly unknown[]]>([
    [new Error('e'), 'builtins.Exception', ['e']],
    [new TypeError('t'), 'builtins.TypeError', ['t']],
    [new RangeError('r'), 'builtins.ValueError', ['r']],
    [new SyntaxError('s'), 'builtins.SyntaxError', ['s']],
    [Object.assign(new Error('gone'), { code: 'ENOENT' }), 'builtins.FileNotFoundError', ['gone']],
    [new DOMException('late', 'TimeoutError'), 'builtins.TimeoutError', ['late']],
    [new PaymentRefused('no'), 'dashi.tasks.PaymentRefused', ['no']],
    [new DecodeError('NOT_DECODABLE', 'd'), 'kombu.exceptions.DecodeError', ['d']],
    [new TaskRevokedError('expired'), 'celery.exceptions.TaskRevokedError', ['expired']],
    [
      new TimeLimitExceededError('TimeLimitExceeded(1.5)'),
      'billiard.exceptions.TimeLimitExceeded',
      [1.5],
    ],
    [
      new SoftTimeLimitExceededError('SoftTimeLimitExceeded()'),
      'billiard.exceptions.SoftTimeLimitExceeded',
      [],
    ],
    [new WorkerLostError('killed'), 'billiard.exceptions.WorkerLostError', ['killed']],
    [new TaskError('NOT_REGISTERED', 'a.b'), 'celery.exceptions.NotRegistered', ['a.b']],
    [new Retry(new TypeError('again'), 1), 'builtins.TypeError', ['again']],
    ['boom', 'builtins.Exception', ['boom']],
    [undefined, 'builtins.Exception', ['undefined']],
    [{ a: 1 }, 'builtins.Exception', [{ a: 1 }]],
    [new Map(), 'builtins.Exception', ['<Map>']],
  ])('%s', (thrown, path, args) => {
    expect(told(thrown)).toEqual([path, args])
  })

  test('ends with causes that go round', () => {
    const error = new Error('a', { cause: new Error('b') })
    Object.assign(error.cause as Error, { cause: error })
    expect(JSON.stringify(encodeException(error)).match(/exc_type/g)).toHaveLength(9)
  })
})

describe('decodeException()', () => {
  test.each<[Error, abstract new (...args: never[]) => Error]>([
    [new TaskRevokedError('terminated'), TaskRevokedError],
    [new TimeLimitExceededError('TimeLimitExceeded(1)'), TimeLimitExceededError],
    [new SoftTimeLimitExceededError('SoftTimeLimitExceeded()'), SoftTimeLimitExceededError],
    [new WorkerLostError('signal 9'), WorkerLostError],
    [new MaxRetriesExceededError('too often'), MaxRetriesExceededError],
    [new InvalidTaskError('no id'), InvalidTaskError],
  ])('%s comes back as what it was', (error, type) => {
    const back = decodeException(JSON.parse(JSON.stringify(encodeException(error))))
    expect(back).toBeInstanceOf(type)
    expect(back.message).toBe(error.message)
  })

  test('anything else is a TaskFailedError that knows type, module, arguments, stack and cause', () => {
    const error = new PaymentRefused('no', { cause: new RangeError('limit') })
    const back = decodeException(encodeException(error), { traceback: 'Traceback' })
    expect(back).toBeInstanceOf(TaskFailedError)
    expect(back).toMatchObject({ type: 'PaymentRefused', module: 'dashi.tasks', args: ['no'] })
    expect(back).toMatchObject({ traceback: 'Traceback', message: 'PaymentRefused: no' })
    expect(back.cause).toMatchObject({ type: 'ValueError', module: 'builtins', args: ['limit'] })
  })

  test.each<[unknown, object]>([
    [null, { type: 'Exception', args: [] }],
    ['text', { type: 'Exception', args: ['text'] }],
    [
      { exc_type: 'KeyError', exc_message: 'k' },
      { type: 'KeyError', module: null, args: ['k'] },
    ],
    [
      [
        ['exc_type', 'E'],
        ['exc_message', [1]],
      ],
      { type: 'E', args: [1] },
    ],
    [
      {
        exc_type: 'UnpickleableExceptionWrapper',
        exc_module: 'celery.utils.serialization',
        exc_message: ['shop', 'Refused', [7], 'Refused(7)'],
      },
      { type: 'Refused', module: 'shop', args: [7] },
    ],
  ])('reads %j', (result, fields) => {
    expect(decodeException(result)).toMatchObject(fields)
  })

  test('never throws, and what it made goes back as it was', () => {
    // Kombu's JSON refuses an object with the key __proto__.
    const value = fc.jsonValue().filter((some) => !JSON.stringify(some).includes('__proto__'))
    const exception = fc.record({
      exc_type: fc.string(),
      exc_message: fc.array(value),
      exc_module: fc.string(),
    })
    fc.assert(
      fc.property(fc.oneof(exception, value), (result) => {
        const back = decodeException(result)
        expect(decodeException(encodeException(back))).toEqual(back)
      }),
    )
  })
})

describe('tracebackText()', () => {
  test('looks like Python, causes first, the latest call last', () => {
    const cause = new TypeError('inner')
    cause.stack =
      'TypeError: inner\n    at deep (file:///app/a.ts:3:7)\n    at file:///app/b.ts:4:1'
    const error = new PaymentRefused('outer', { cause })
    error.stack =
      'Error: outer\n    at async Shop.pay [as run] (/app/c.ts:5:2)\n    at node:internal/x:1:1'
    expect(tracebackText(error)).toBe(
      [
        'Traceback (most recent call last):',
        '  File "/app/b.ts", line 4, in <module>',
        '  File "/app/a.ts", line 3, in deep',
        'TypeError: inner',
        '',
        'The above exception was the direct cause of the following exception:',
        '',
        'Traceback (most recent call last):',
        '  File "node:internal/x", line 1, in <module>',
        '  File "/app/c.ts", line 5, in async Shop.pay [as run]',
        'PaymentRefused: outer',
        '',
      ].join('\n'),
    )
  })

  test('there is none for what is no error', () => {
    expect(tracebackText('boom')).toBeUndefined()
  })
})
