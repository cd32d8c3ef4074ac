import { beforeEach, describe, expect, test } from 'vitest'
import { TaskError, TaskFailedError, TaskRevokedError } from '../errors.ts'
import { asTask } from '../task/current-task.ts'
import { AsyncResult, resultFromTuple } from './async-result.ts'
import { encodeException } from './encode-exception.ts'
import { GroupResult } from './group-result.ts'
import { resultMeta } from './make-result-meta.ts'
import { openStore } from './open-store.ts'
import { restoreGroup } from './restore-group.ts'
import { ResultSet } from './result-set.ts'
import type { MetaListener, ResultSession } from './result-store.ts'
import { storeOptions } from './testing/store-options.ts'

const nobody = { replyTo: '', correlationId: '' }
let session: ResultSession

beforeEach(() => {
  session = openStore('memory://', storeOptions())
})

function resultOf<T = unknown>(taskId: string, parent?: AsyncResult | GroupResult): AsyncResult<T> {
  return new AsyncResult<T>(taskId, { session, parent })
}

function succeed(
  taskId: string,
  result: unknown,
  children: readonly unknown[] = [],
): Promise<void> {
  return session.store(resultMeta({ taskId, status: 'SUCCESS', result, children }), nobody)
}

function fail(taskId: string, error: unknown, status = 'FAILURE'): Promise<void> {
  const meta = { taskId, status, result: encodeException(error), traceback: 'Traceback' }
  return session.store(resultMeta(meta), nobody)
}

/** The session, counting its watches. */
function counted() {
  const counts = { opened: 0, living: 0 }
  const watch = async (taskId: string, listener: MetaListener) => {
    counts.opened += 1
    counts.living += 1
    const stop = await session.watch(taskId, listener)
    return () => {
      counts.living -= 1
      stop()
    }
  }
  const counting = Object.create(session, { watch: { value: watch } }) as ResultSession
  return { counting, counts }
}

describe('AsyncResult.get()', () => {
  test('waits for the value', async () => {
    const waiting = resultOf<number>('a').get()
    await session.store(resultMeta({ taskId: 'a', status: 'STARTED', result: { pid: 1 } }), nobody)
    await succeed('a', 3)
    expect(await waiting).toBe(3)
  })

  test('awaiting the result itself does not wait for the task', async () => {
    const result = await resultOf('never')
    expect(result.id).toBe('never')
    expect('then' in result).toBe(false)
  })

  test('throws what the task threw, rebuilt', async () => {
    await fail('a', new RangeError('too much'))
    const error = await resultOf('a')
      .get()
      .catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(TaskFailedError)
    expect(error).toMatchObject({ type: 'ValueError', args: ['too much'], traceback: 'Traceback' })
    await fail('b', new TaskRevokedError('expired'), 'REVOKED')
    await expect(resultOf('b').get()).rejects.toBeInstanceOf(TaskRevokedError)
  })

  test('returns it instead when told to', async () => {
    await fail('a', new Error('boom'))
    expect(await resultOf('a').get({ propagate: false })).toBeInstanceOf(TaskFailedError)
  })

  test('a timeout says which task, and what is known of it', async () => {
    const waiting = resultOf('a').get({ timeoutMs: 1 })
    await expect(waiting).rejects.toThrow('Task a had no result within 1 ms. Nothing is known')
    await expect(waiting).rejects.toMatchObject({ code: 'RESULT_TIMED_OUT' })
    await session.store(resultMeta({ taskId: 'a', status: 'STARTED', result: null }), nobody)
    await expect(resultOf('a').get({ timeoutMs: 1 })).rejects.toThrow('Its state is STARTED')
  })

  test('ends when aborted, also before it begins', async () => {
    const abort = new AbortController()
    const waiting = resultOf('a').get({ signal: abort.signal })
    abort.abort(new Error('enough'))
    await expect(waiting).rejects.toThrow('enough')
    await expect(resultOf('a').get({ signal: abort.signal })).rejects.toThrow('enough')
  })

  test('many share one watch, which ends with the last of them', async () => {
    const { counting, counts } = counted()
    const result = new AsyncResult<number>('a', { session: counting })
    const waiting = Array.from({ length: 100 }, () => result.get())
    const impatient = result.get({ timeoutMs: 1 })
    await expect(impatient).rejects.toThrow('had no result')
    expect(counts).toEqual({ opened: 1, living: 1 })
    await succeed('a', 3)
    expect(new Set(await Promise.all(waiting))).toEqual(new Set([3]))
    // Stopping follows the last one in the same turn.
    await Promise.resolve()
    expect(counts).toEqual({ opened: 1, living: 0 })
    expect(await result.get()).toBe(3)
    expect(counts.opened).toBe(1)
  })

  test('a watch that cannot be had is everybody’s error, and tried again', async () => {
    let attempts = 0
    const watch = async () => {
      attempts += 1
      throw new TaskError('RESULT_STORE_FAILED', 'down')
    }
    const broken = Object.create(session, { watch: { value: watch } }) as ResultSession
    const result = new AsyncResult('a', { session: broken })
    for (const waiting of [result.get(), result.get()])
      await expect(waiting).rejects.toThrow('down')
    await expect(result.get()).rejects.toThrow('down')
    expect(attempts).toBe(2)
  })

  test('is refused inside of a task, unless allowed', async () => {
    await succeed('a', 3)
    const current = { id: 'outer', rootId: 'outer' }
    const refused = asTask(current, () => resultOf('a').get())
    await expect(refused).rejects.toMatchObject({ code: 'WOULD_DEADLOCK' })
    const options = { disableSyncSubtasks: false }
    expect(await asTask(current, () => resultOf('a').get(options))).toBe(3)
    const outside = new AsyncResult('a', { session, isInTask: () => false })
    expect(await asTask(current, () => outside.get())).toBe(3)
  })

  test('without a store there is nothing to wait for', async () => {
    const result = new AsyncResult('a', { session: undefined })
    await expect(result.get()).rejects.toMatchObject({ code: 'NO_RESULT_STORE' })
    await expect(result.ready()).rejects.toMatchObject({ code: 'NO_RESULT_STORE' })
  })

  test('rejects when a task before it fails, unless told to wait', async () => {
    const last = resultOf('c', resultOf('b', resultOf('a')))
    const waiting = last.get()
    await succeed('b', 1)
    await fail('a', new Error('first of all'))
    await expect(waiting).rejects.toThrow('first of all')
    const patient = last.get({ followParents: false })
    await succeed('c', 7)
    expect(await patient).toBe(7)
  })
})

describe('AsyncResult knows', () => {
  test('what the store knows', async () => {
    const result = resultOf('a')
    expect([await result.state(), await result.ready(), await result.exists()]).toEqual([
      'PENDING',
      false,
      false,
    ])
    const call = { name: 't', args: [1], kwargs: { y: 2 }, worker: 'w', retries: 1, queue: 'q' }
    const doneMs = Date.UTC(2026, 0, 2)
    const meta = resultMeta({ taskId: 'a', status: 'SUCCESS', result: 3, doneMs, extended: call })
    await session.store(meta, nobody)
    expect([await result.state(), await result.successful(), await result.failed()]).toEqual([
      'SUCCESS',
      true,
      false,
    ])
    expect(await result.result()).toBe(3)
    expect(await result.dateDone()).toEqual(new Date(doneMs))
    const { name, args, kwargs, worker, retries, queue } = call
    expect(await Promise.all([result.name(), result.args(), result.kwargs()])).toEqual([
      name,
      args,
      kwargs,
    ])
    expect(await Promise.all([result.worker(), result.retries(), result.queue()])).toEqual([
      worker,
      retries,
      queue,
    ])
    await result.forget()
    expect(await result.exists()).toBe(false)
  })

  test('its children, and theirs', async () => {
    await succeed('a', 1, [
      [['b', null], null],
      [['g', null], [[['c', null], null]]],
    ])
    await succeed('b', 2)
    await succeed('c', 3)
    const collected = await Array.fromAsync(resultOf('a').collect())
    expect(collected.map(([{ id }, value]) => [id, value])).toEqual([
      ['a', 1],
      ['b', 2],
      ['g', [3]],
      ['c', 3],
    ])
  })

  test('how it travels', () => {
    const result = resultOf('b', resultOf('a'))
    const tuple = [['b', [['a', null], null]], null]
    expect(result.asTuple()).toEqual(tuple)
    expect(result.asList()).toEqual(['b', 'a'])
    expect(resultFromTuple(tuple, session).asTuple()).toEqual(tuple)
    expect(resultFromTuple(['b', null], session).id).toBe('b')
    expect(() => resultFromTuple({ id: 'b' }, session)).toThrow('no result as Celery writes it')
  })
})

describe('ResultSet and GroupResult', () => {
  test('get() has all values in order, and rejects at the first failure', async () => {
    const set = new ResultSet([resultOf('a'), resultOf('b')])
    const waiting = set.get()
    await succeed('b', 2)
    expect([await set.ready(), await set.waiting(), await set.completedCount()]).toEqual([
      false,
      true,
      1,
    ])
    await succeed('a', 1)
    expect(await waiting).toEqual([1, 2])
    expect([await set.ready(), await set.successful(), await set.failed()]).toEqual([
      true,
      true,
      false,
    ])
    set.add(resultOf('never'))
    set.add(resultOf('x'))
    await fail('x', new Error('boom'))
    await expect(set.get()).rejects.toThrow('boom')
    expect(await set.failed()).toBe(true)
  })

  test('iterate() yields what is ready first, first', async () => {
    const set = new ResultSet([resultOf('a'), resultOf('b')])
    const ready = set.iterate()
    await succeed('b', 2)
    expect((await ready.next()).value).toMatchObject([{ id: 'b' }, 2])
    await succeed('a', 1)
    expect((await ready.next()).value).toMatchObject([{ id: 'a' }, 1])
    expect((await ready.next()).done).toBe(true)
  })

  test('members come and go', () => {
    const set = new ResultSet([resultOf('a')])
    set.update([resultOf('a'), resultOf('b')])
    expect([...set].map(({ id }) => id)).toEqual(['a', 'b'])
    set.remove('a')
    expect(set.discard('a')).toBe(false)
    expect(() => set.remove('a')).toThrow('not in this set')
    set.clear()
    expect(set.length).toBe(0)
  })

  test('a group is saved, restored and deleted', async () => {
    const inner = new GroupResult('inner', [resultOf('b')], { session })
    const group = new GroupResult('g', [resultOf('a'), inner], { session, parent: resultOf('p') })
    await group.save()
    await succeed('a', 1)
    await succeed('b', 2)
    const restored = await restoreGroup('g', session)
    expect(restored?.asTuple()).toEqual(group.asTuple())
    expect(await restored?.get()).toEqual([1, [2]])
    await group.delete()
    expect(await restoreGroup('g', session)).toBeUndefined()
  })
})

describe('openStore()', () => {
  test('says which schemes there are, and that results may be disabled', () => {
    expect(() => openStore('redsi://', storeOptions())).toThrow(
      /No result store is known for the URL scheme "redsi" \(known: rpc, file/,
    )
    expect(() => openStore('disabled://', storeOptions())).toThrow('No results are kept')
  })

  test.each(['rpc://', 'memory://', 'cache+memory://', 'file:///nowhere'])('%s', async (url) => {
    await openStore(url, storeOptions()).close()
  })

  test('a package is loaded when first used: redis, sqlite', async () => {
    const redis = openStore('redis://127.0.0.1:1/0', storeOptions({ operationTimeoutMs: 200 }))
    await expect(redis.load('a')).rejects.toThrow('127.0.0.1:1')
    await redis.close()
    const sqlite = openStore('db+sqlite:////no/such/folder/x.db', storeOptions())
    await expect(sqlite.load('a')).rejects.toThrow('does not exist')
    await sqlite.close()
  })

  test('what is wrong with a URL, the first use says', async () => {
    const store = openStore('redis://host/notanumber', storeOptions())
    await expect(store.load('a')).rejects.toThrow('the number of a Redis database')
  })
})
