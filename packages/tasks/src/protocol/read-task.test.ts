import { ContentDisallowedError, DecodeError } from '@dashi/messaging'
import { describe, expect, test } from 'vitest'
import { InvalidTaskError } from '../errors.ts'
import { readTask } from './read-task.ts'
import { minimalTask, type ReceivedParts, receivedMessage } from './testing/received-message.ts'

const { headers, body } = minimalTask

function refusal(parts: ReceivedParts): InvalidTaskError {
  try {
    readTask(receivedMessage(parts))
  } catch (error) {
    if (error instanceof InvalidTaskError) return error
    throw error
  }
  throw new Error('It was read')
}

describe('protocol 2', () => {
  test('a minimal message is complete', () => {
    const request = readTask(receivedMessage({ headers, body }))
    expect(request).toMatchObject({ id: 'an-id', task: 'tasks.add', args: [1, 2], kwargs: {} })
    expect(request).toMatchObject({ retries: 0, rootId: 'an-id', headers: {}, stampedHeaders: [] })
    expect(request).toMatchObject({
      argsrepr: '(1, 2)',
      kwargsrepr: '{}',
      replyTo: '',
      protocol: 2,
    })
    expect(request).toMatchObject({ correlationId: 'an-id', stamps: {}, replacedTaskNesting: 0 })
    expect(request.timeLimitMs).toEqual({ hard: undefined, soft: undefined })
    expect([request.etaMs, request.parentId, request.ignoreResult]).toEqual([
      undefined,
      undefined,
      undefined,
    ])
  })

  test("what is not the protocol's is the sender's", () => {
    const added = { ...headers, lang: 'py', traceparent: '00-1', 'x-death': [] }
    expect(readTask(receivedMessage({ headers: added, body })).headers).toEqual({
      traceparent: '00-1',
      'x-death': [],
    })
  })

  test('a limit of 0 is none, as for Celery', () => {
    const limited = { ...headers, timelimit: [0, 2.5] }
    expect(readTask(receivedMessage({ headers: limited, body })).timeLimitMs).toEqual({
      hard: undefined,
      soft: 2_500,
    })
  })

  test.each([
    ['null', null],
    ['keys that nobody knows', { more: 1 }],
  ])('the third part may be %s', (_what, embed) => {
    const { embed: read } = readTask(receivedMessage({ headers, body: [[], {}, embed] }))
    expect(read).toEqual({ callbacks: null, errbacks: null, chain: null, chord: null })
  })
})

describe('protocol 1', () => {
  const v1 = { task: 'tasks.add', id: 'v1-id', args: [1], kwargs: { y: 2 }, retries: 3 }

  test('everything is in the body', () => {
    const request = readTask(
      receivedMessage({
        headers: { tenant: 7 },
        body: {
          ...v1,
          taskset: 'the-group',
          group: 'not me',
          chord: { task: 'c' },
          timelimit: [2, 1],
        },
      }),
    )
    expect(request).toMatchObject({
      id: 'v1-id',
      args: [1],
      kwargs: { y: 2 },
      retries: 3,
      protocol: 1,
    })
    expect(request).toMatchObject({ groupId: 'the-group', headers: { tenant: 7 } })
    expect(request.timeLimitMs).toEqual({ hard: 2_000, soft: 1_000 })
    expect(request.embed).toEqual({
      callbacks: null,
      errbacks: null,
      chain: null,
      chord: { task: 'c' },
    })
    expect(request).toMatchObject({ argsrepr: '(1,)', kwargsrepr: "{'y': 2}" })
  })

  test('arguments may be missing', () => {
    const request = readTask(receivedMessage({ body: { task: 't', id: 'i' } }))
    expect([request.args, request.kwargs]).toEqual([[], {}])
  })

  test('dates without an offset are UTC, or local where the message says so', () => {
    const eta = '2026-07-01T12:00:00'
    const utc = readTask(receivedMessage({ body: { ...v1, eta, utc: true } }), 'Europe/Berlin')
    expect(utc.etaMs).toBe(Date.UTC(2026, 6, 1, 12))
    const local = readTask(receivedMessage({ body: { ...v1, eta, utc: false } }), 'Europe/Berlin')
    expect(local.etaMs).toBe(Date.UTC(2026, 6, 1, 10))
    const offset = { ...v1, eta: `${eta}+01:00`, utc: false }
    expect(readTask(receivedMessage({ body: offset }), 'Europe/Berlin').etaMs).toBe(
      Date.UTC(2026, 6, 1, 11),
    )
  })

  test('the headers of a hybrid win over its body', () => {
    const request = readTask(receivedMessage({ headers: { ...headers, retries: 1 }, body: v1 }))
    expect(request).toMatchObject({
      id: 'an-id',
      retries: 1,
      args: [1],
      kwargs: { y: 2 },
      protocol: 2,
    })
  })
})

describe('what cannot run is refused, and says which and why', () => {
  test.each<[string, ReceivedParts, string, string | undefined]>([
    ['no id', { headers: { task: 't' }, body }, 'has no id', undefined],
    [
      'an id that is no string',
      { headers: { task: 't', id: 7 }, body },
      'id is a number',
      undefined,
    ],
    ['a task that is no string', { headers: { task: 7, id: 'i' }, body }, 'task is a number', 'i'],
    ['a body of two', { headers, body: [[], {}] }, '2 elements', 'an-id'],
    ['a body of four', { headers, body: [[], {}, {}, {}] }, '4 elements', 'an-id'],
    ['a mapping without args', { headers, body: { a: 1 } }, 'body is an object', 'an-id'],
    ['a bare number', { headers, body: 7 }, 'body is a number', 'an-id'],
    ['a limit of one', { headers: { ...headers, timelimit: [1] }, body }, 'an array of 1', 'an-id'],
    [
      'a limit of texts',
      { headers: { ...headers, timelimit: ['1', '2'] }, body },
      'timelimit',
      'an-id',
    ],
    [
      'retries as text',
      { headers: { ...headers, retries: '1' }, body },
      'retries is a string',
      'an-id',
    ],
    ['half a retry', { headers: { ...headers, retries: 0.5 }, body }, 'retries is 0.5', 'an-id'],
    ['a bad eta', { headers: { ...headers, eta: 'soon' }, body }, 'eta is "soon"', 'an-id'],
    ['an eta of seconds', { headers: { ...headers, eta: 12 }, body }, 'eta is a number', 'an-id'],
    [
      'bad expires',
      { headers: { ...headers, expires: '2026-02-30' }, body },
      'expires is',
      'an-id',
    ],
    [
      'args as a mapping',
      { headers, body: [{ a: 1 }, {}, {}] },
      'arguments are an object',
      'an-id',
    ],
    [
      'kwargs as an array',
      { headers, body: [[], [], {}] },
      'keyword arguments are an array',
      'an-id',
    ],
    ['no kwargs', { headers, body: [[], null, {}] }, 'keyword arguments are null', 'an-id'],
    ['an embed of text', { headers, body: [[], {}, 'x'] }, 'third element of its body', 'an-id'],
    [
      'a callback alone',
      { headers, body: [[], {}, { callbacks: {} }] },
      'callbacks are an object',
      'an-id',
    ],
    ['no protocol at all', { body: { hello: 1 } }, 'no "task" header', undefined],
    ['neither, but an id', { headers: { id: 'x' }, body: [1] }, 'no "task" header', 'x'],
    ['version 1 without an id', { body: { task: 't' } }, 'Task t[no id]', undefined],
    ['version 1, bad kwargs', { body: { task: 't', id: 'v', kwargs: 3 } }, 'a number', 'v'],
  ])('%s', (_what, parts, reason, taskId) => {
    const error = refusal(parts)
    expect(error.message).toContain(reason)
    expect(error.taskId).toBe(taskId)
    expect(error.code).toBe('INVALID_TASK')
  })

  test('invalid JSON, with the codec’s reason', () => {
    const error = refusal({ headers, body: '[[1, 2], {' })
    expect(error.message).toContain('tasks.add[an-id] cannot be run')
    expect(error.cause).toBeInstanceOf(DecodeError)
    expect([error.taskId, error.taskName]).toEqual(['an-id', 'tasks.add'])
  })

  test('a content type that is not accepted', () => {
    const error = refusal({ headers, body: 'x', contentType: 'application/x-python-serialize' })
    expect(error.cause).toBeInstanceOf(ContentDisallowedError)
    expect(error.taskId).toBe('an-id')
  })
})
