/**
 * Results that we store and Python reads, and the reverse: Redis, SQLite, files, messages.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Connection, defaultCodecs } from '@dashi/messaging'
import {
  AsyncResult,
  encodeException,
  GroupResult,
  type ResultMeta,
  type ResultSession,
  restoreGroup,
  TaskRevokedError,
  TimeLimitExceededError,
} from '@dashi/tasks'
import { openStore, resultMeta } from '@dashi/tasks/results'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startRedis } from '../../tools/brokers/redis.ts'
import { type CeleryCommands, startCelery } from './celery-peer.ts'
import type { Peer } from './peer.ts'
import { findPython, kombuReleases } from './python.ts'

const redis = await startRedis()
const folder = await mkdtemp(join(tmpdir(), 'dashi-interop-results-'))

afterAll(async () => {
  await redis[Symbol.asyncDispose]()
  await rm(folder, { recursive: true })
})

const call = {
  ...{ name: 'tasks.add', args: [1, 'ü'], kwargs: { y: null } },
  ...{ worker: 'celery@here', retries: 2, queue: 'celery' },
}
const values = [null, true, 0, -1.5, 'ü€ "\n', [], {}, [1, [2, { a: [null] }]], 2 ** 40]
const nobody = { replyTo: '', correlationId: '' }

function open(backend: string, connection = new Connection('memory://nobody')): ResultSession {
  return openStore(backend, {
    connection,
    codecs: defaultCodecs,
    serializer: 'json',
    accept: ['json'],
    expiresMs: 60_000,
    persistent: false,
    operationTimeoutMs: 10_000,
    onWarning: (warning) => {
      throw warning
    },
  })
}

describe.each(kombuReleases)('%s', (release) => {
  const python = findPython(release)
  const skip = python.path === undefined
  let peer: Peer<CeleryCommands>

  beforeAll(async () => {
    if (python.path !== undefined) peer = await startCelery(python.path)
  })

  afterAll(() => peer?.close())

  const backends = [
    ['redis', `${redis.url.replace(/\/\d*$/, '')}/3`],
    ['sqlite', `db+sqlite:///${folder}/${release}.db`],
    ['files', `file://${folder}`],
  ] as const

  describe.each(backends)('%s', (name, backend) => {
    /** Celery's tables have no place for children. */
    const keepsChildren = name !== 'sqlite'
    let session: ResultSession

    beforeAll(() => {
      session = open(backend)
    })

    afterAll(() => session.close())

    function store(meta: ResultMeta): Promise<void> {
      return session.store(meta, nobody)
    }

    test.skipIf(skip)('Python reads what we stored', async () => {
      for (const result of values) {
        const taskId = crypto.randomUUID()
        const children = [[['child', null], null]]
        await store(resultMeta({ taskId, status: 'SUCCESS', result, children, extended: call }))
        const seen = await peer.request('read', { backend, task_id: taskId })
        expect(seen).toMatchObject({ state: 'SUCCESS', result, traceback: null, ...call })
        expect(seen.date_done).toMatch(/^\d{4}-\d\d-\d\dT/)
        if (keepsChildren) expect(seen.children).toEqual(children)
        const got = await peer.request('get', { backend, task_id: taskId, timeout: 5 })
        expect(got).toEqual({ value: result })
      }
    })

    test.skipIf(skip).each([
      [new RangeError('r'), 'FAILURE', 'builtins', 'ValueError', ['r']],
      [new TypeError('t'), 'FAILURE', 'builtins', 'TypeError', ['t']],
      [
        new (class PaymentRefused extends Error {})('no'),
        'FAILURE',
        'celery.exceptions',
        'PaymentRefused',
        ['no'],
      ],
      [
        new TaskRevokedError('expired'),
        'REVOKED',
        'celery.exceptions',
        'TaskRevokedError',
        ['expired'],
      ],
      [
        new TimeLimitExceededError('TimeLimitExceeded(1)'),
        'FAILURE',
        'billiard.exceptions',
        'TimeLimitExceeded',
        [1],
      ],
      [
        new Error('with a cause', { cause: new Error('inner') }),
        'FAILURE',
        'builtins',
        'Exception',
        ['with a cause'],
      ],
    ] as const)('Python raises %s', async (error, status, module, type, args) => {
      const taskId = crypto.randomUUID()
      const traceback = 'Traceback (most recent call last):\n'
      await store(resultMeta({ taskId, status, result: encodeException(error), traceback }))
      const seen = await peer.request('read', { backend, task_id: taskId })
      expect(seen).toMatchObject({ state: status, traceback, result: { module, type, args } })
      const { raised } = await peer.request('get', { backend, task_id: taskId, timeout: 5 })
      expect(raised).toMatchObject({ module, type, args })
    })

    test.skipIf(skip)('Python reads retries, and states on the way', async () => {
      const taskId = crypto.randomUUID()
      await store(resultMeta({ taskId, status: 'STARTED', result: { pid: 7, hostname: 'h' } }))
      expect(await peer.request('read', { backend, task_id: taskId })).toMatchObject({
        state: 'STARTED',
        result: { pid: 7, hostname: 'h' },
        date_done: null,
      })
      await store(
        resultMeta({ taskId, status: 'RETRY', result: encodeException(new Error('again')) }),
      )
      const seen = await peer.request('read', { backend, task_id: taskId })
      expect(seen).toMatchObject({ state: 'RETRY', result: { type: 'Exception', args: ['again'] } })
    })

    test.skipIf(skip)('we are told what Python stores, as it stores it', async () => {
      for (const result of values) {
        const id = crypto.randomUUID()
        const asyncResult = new AsyncResult(id, { session })
        const waiting = asyncResult.get({ timeoutMs: 10_000 })
        await peer.request('store', { backend, task_id: id, state: 'STARTED', result: { pid: 1 } })
        const request = {
          ...{ task: call.name, args: call.args, kwargs: call.kwargs, hostname: call.worker },
          ...{ retries: 2, delivery_info: { routing_key: 'celery' }, group: 'g', parent_id: 'p' },
          children: [[['child', null], null]],
        }
        await peer.request('store', { backend, task_id: id, state: 'SUCCESS', result, request })
        expect(await waiting).toEqual(result)
        expect(await asyncResult.meta()).toMatchObject(call)
        expect(await asyncResult.dateDone()).toBeInstanceOf(Date)
        if (!keepsChildren) continue
        expect((await asyncResult.children()).map((child) => child.id)).toEqual(['child'])
        expect(await asyncResult.meta()).toMatchObject({ group_id: 'g', parent_id: 'p' })
      }
    })

    test.skipIf(skip).each([
      [
        "ValueError('boom', 1)",
        'FAILURE',
        { type: 'ValueError', module: 'builtins', args: ['boom', 1] },
      ],
      ["KeyError('k')", 'FAILURE', { type: 'KeyError', args: ['k'] }],
      ["TaskRevokedError('terminated')", 'REVOKED', { code: 'REVOKED', message: 'terminated' }],
      [
        "type('Own', (Exception,), {'__module__': 'shop'})(1)",
        'FAILURE',
        { type: 'Own', module: 'shop', args: [1] },
      ],
    ])('we throw %s', async (source, state, fields) => {
      const id = crypto.randomUUID()
      const waiting = new AsyncResult(id, { session }).get({ timeoutMs: 10_000 })
      const rejected = expect(waiting).rejects.toMatchObject(fields)
      await peer.request('store', { backend, task_id: id, state, source, traceback: 'tb' })
      await rejected
      expect(await new AsyncResult(id, { session }).traceback()).toBe('tb')
    })

    test.skipIf(skip)('what Python finished we do not overwrite', async () => {
      const id = crypto.randomUUID()
      await peer.request('store', { backend, task_id: id, state: 'SUCCESS', result: 3 })
      await store(resultMeta({ taskId: id, status: 'FAILURE', result: encodeException('late') }))
      expect(await peer.request('read', { backend, task_id: id })).toMatchObject({
        state: 'SUCCESS',
        result: 3,
      })
    })

    test.skipIf(skip)('groups go both ways', async () => {
      const results = ['a', 'b'].map((id) => new AsyncResult(id, { session }))
      const group = new GroupResult(crypto.randomUUID(), results, { session })
      await group.save()
      expect(await peer.request('restore_group', { backend, group_id: group.id })).toEqual({
        type: 'GroupResult',
        tuple: group.asTuple(),
      })
      const id = crypto.randomUUID()
      await peer.request('save_group', { backend, group_id: id, children: ['c', 'd'] })
      expect((await restoreGroup(id, session))?.asTuple()).toEqual([
        [id, null],
        [
          [['c', null], null],
          [['d', null], null],
        ],
      ])
    })
  })

  describe('rpc', () => {
    const broker = `${redis.url.replace(/\/\d*$/, '')}/5`
    const backend = 'rpc://'

    test.skipIf(skip)('Python is told of our results', async () => {
      await using connection = new Connection(broker)
      await using session = open(backend, connection)
      const outcomes = [
        ...values.map(
          (result) =>
            [resultMeta({ taskId: '', status: 'SUCCESS', result }), { value: result }] as const,
        ),
        [
          resultMeta({
            taskId: '',
            status: 'FAILURE',
            result: encodeException(new RangeError('r')),
          }),
          { raised: { type: 'ValueError', args: ['r'] } },
        ] as const,
      ]
      for (const [meta, expected] of outcomes) {
        const id = crypto.randomUUID()
        const replyTo = await peer.request('expect', { backend, broker, task_id: id })
        await session.store({ ...meta, task_id: id }, { replyTo, correlationId: id })
        expect(
          await peer.request('get', { backend, broker, task_id: id, timeout: 10 }),
        ).toMatchObject(expected)
      }
    })

    test.skipIf(skip)('we are told of Python’s', async () => {
      await using connection = new Connection(broker)
      await using session = open(backend, connection)
      for (const result of values) {
        const id = crypto.randomUUID()
        await session.prepare(id)
        const request = { reply_to: session.replyTo, correlation_id: id }
        await peer.request('store', {
          backend,
          broker,
          task_id: id,
          state: 'SUCCESS',
          result,
          request,
        })
        expect(await new AsyncResult(id, { session }).get({ timeoutMs: 10_000 })).toEqual(result)
      }
      const id = crypto.randomUUID()
      const waiting = new AsyncResult(id, { session }).get({ timeoutMs: 10_000 })
      const rejected = expect(waiting).rejects.toMatchObject({ type: 'ValueError', args: ['boom'] })
      const request = { reply_to: session.replyTo, correlation_id: id }
      const source = "ValueError('boom')"
      await peer.request('store', {
        backend,
        broker,
        task_id: id,
        state: 'FAILURE',
        source,
        request,
      })
      await rejected
    })
  })
})
