import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test, vi } from 'vitest'
import { Ignore, Reject, Retry, SoftTimeLimitExceededError } from '../errors.ts'
import type { Job, JobReports } from '../pool/pool.ts'
import { directContext, directRequest } from './direct-context.ts'
import type { TaskContext } from './task-context.ts'
import type { TaskOptions } from './task-options.ts'
import { TaskRun } from './task-run.ts'

type Told = readonly [what: string, ...rest: readonly unknown[]]

function makeRun(
  run: (...args: never[]) => unknown,
  given: { options?: Partial<TaskOptions>; job?: Partial<Job>; retries?: number } = {},
) {
  const told: Told[] = []
  const reports: JobReports = {
    onStarted: (pid) => told.push(['started', pid]),
    onState: (state, meta) => told.push(['state', state, meta]),
    onChild: (tuple) => told.push(['child', tuple]),
    onLog: (level, message) => told.push(['log', level, message]),
  }
  const request = { ...directRequest('t', [1, 2]), id: 'i', retries: given.retries ?? 0 }
  const job: Job = {
    request,
    deliveryInfo: { routingKey: 'q' },
    hostname: 'w',
    softTimeLimitMs: undefined,
    hardTimeLimitMs: undefined,
    ...given.job,
  }
  const task = { name: 't', options: { name: 't', ...given.options }, run }
  return { run: new TaskRun(task, job, reports), told }
}

function outcomeOf(...parts: Parameters<typeof makeRun>) {
  return makeRun(...parts).run.start()
}

describe('outcomes', () => {
  test('a function that awaits nothing costs no promise', () => {
    const { run, told } = makeRun((a: number, b: number) => a + b)
    expect(run.start()).toEqual({ kind: 'success', value: 3 })
    expect(told).toEqual([['started', process.pid]])
  })

  test('a promise and a thenable are awaited', async () => {
    const outcome = outcomeOf(async (a: number) => a)
    expect(outcome).toBeInstanceOf(Promise)
    expect(await outcome).toEqual({ kind: 'success', value: 1 })
    // biome-ignore lint/suspicious/noThenProperty: what is tested
    const thenable = { then: (resolve: (value: number) => void) => resolve(7) }
    expect(await outcomeOf(() => thenable)).toEqual({ kind: 'success', value: 7 })
  })

  test.each([
    [
      'sync',
      (error: unknown) => () => {
        throw error
      },
    ],
    [
      'async',
      (error: unknown) => async () => {
        throw error
      },
    ],
  ])('what is thrown, %s', async (_, thrower) => {
    const error = new TypeError('boom')
    const failure = await outcomeOf(thrower(error))
    expect(failure).toMatchObject({ kind: 'failure', error })
    expect(failure).toHaveProperty(
      'traceback',
      expect.stringMatching(/^Traceback[\s\S]*TypeError: boom/),
    )
    expect(await outcomeOf(thrower('text'))).toEqual({
      kind: 'failure',
      error: 'text',
      traceback: undefined,
    })
    expect(await outcomeOf(thrower(undefined))).toMatchObject({ kind: 'failure', error: undefined })
    expect(await outcomeOf(thrower(new Ignore()))).toEqual({ kind: 'ignore' })
    expect(await outcomeOf(thrower(new Reject('bad', { requeue: true })))).toEqual({
      kind: 'reject',
      reason: 'bad',
      requeue: true,
    })
  })

  test('arguments that do not fit are a failure, and not retried', () => {
    const options = { params: ['a'], autoretryFor: [Error] }
    expect(outcomeOf(() => 1, { options })).toMatchObject({
      kind: 'failure',
      error: { code: 'BAD_ARGUMENTS' },
    })
  })
})

describe('retries', () => {
  const retrying = (ask: (task: TaskContext) => unknown) => (task: TaskContext) => {
    throw ask(task)
  }

  test('the same call again, after the default pause', () => {
    vi.useFakeTimers({ now: 1_000, toFake: ['Date'] })
    const reason = new Error('again')
    expect(
      outcomeOf(
        retrying((task) => task.retry({ reason })),
        { options: { bind: true } },
      ),
    ).toEqual({
      kind: 'retry',
      retry: {
        args: [1, 2],
        kwargs: {},
        etaMs: 181_000,
        reason,
        traceback: expect.stringContaining('again'),
        options: {},
      },
    })
    vi.useRealTimers()
  })

  test('another call, at once or at a time, with options', () => {
    const outcome = outcomeOf(
      retrying((task) =>
        task.retry({ args: [9], kwargs: { a: 1 }, countdownMs: 0, queue: 'q', expiresMs: 5 }),
      ),
      { options: { bind: true } },
    )
    expect(outcome).toMatchObject({
      retry: { args: [9], kwargs: { a: 1 }, etaMs: undefined, options: { queue: 'q', expires: 5 } },
    })
    const eta = new Date(77)
    expect(
      outcomeOf(
        retrying((task) => task.retry({ eta })),
        { options: { bind: true } },
      ),
    ).toMatchObject({ retry: { etaMs: 77 } })
  })

  test('as often as it may, then with what went wrong', () => {
    const options = { bind: true, maxRetries: 2 } as const
    const reason = new Error('again')
    const withReason = retrying((task) => task.retry({ reason }))
    expect(outcomeOf(withReason, { options, retries: 1 })).toMatchObject({ kind: 'retry' })
    expect(outcomeOf(withReason, { options, retries: 2 })).toMatchObject({
      kind: 'failure',
      error: reason,
    })
    expect(
      outcomeOf(
        retrying((task) => task.retry()),
        { options, retries: 2 },
      ),
    ).toMatchObject({
      error: { code: 'MAX_RETRIES_EXCEEDED' },
    })
    expect(
      outcomeOf(
        retrying((task) => task.retry({ maxRetries: null })),
        { options, retries: 99 },
      ),
    ).toMatchObject({ kind: 'retry' })
  })

  test('a Retry made by hand: at once or at its time, within the limit', () => {
    const thrower = (etaMs: number | undefined) => () => {
      throw new Retry('why', etaMs)
    }
    expect(outcomeOf(thrower(undefined))).toMatchObject({
      retry: { etaMs: undefined, reason: 'why' },
    })
    expect(outcomeOf(thrower(77))).toMatchObject({ retry: { etaMs: 77 } })
    expect(outcomeOf(thrower(77), { retries: 3 })).toMatchObject({
      error: { code: 'MAX_RETRIES_EXCEEDED', cause: 'why' },
    })
  })

  test.each([
    ['a class', [RangeError], 'retry'],
    ['not its class', [TypeError], 'failure'],
    ['a function', (error: unknown) => error instanceof RangeError, 'retry'],
    [
      'a function that throws',
      () => {
        throw new Error('no')
      },
      'failure',
    ],
  ])('autoretryFor: %s', (_, autoretryFor, kind) => {
    const { run, told } = makeRun(
      () => {
        throw new RangeError()
      },
      { options: { autoretryFor } },
    )
    expect(run.start()).toMatchObject({ kind })
    expect(told.filter(([what]) => what === 'log')).toHaveLength(
      kind === 'failure' && typeof autoretryFor === 'function' ? 1 : 0,
    )
  })

  test('dontAutoretryFor wins, Reject is retried if it matches, Ignore never', () => {
    const thrower = (error: Error) => () => {
      throw error
    }
    const autoretryFor = [Error]
    const options = { autoretryFor, dontAutoretryFor: [RangeError] }
    expect(outcomeOf(thrower(new RangeError()), { options })).toMatchObject({ kind: 'failure' })
    expect(outcomeOf(thrower(new Reject('x')), { options })).toMatchObject({ kind: 'retry' })
    expect(outcomeOf(thrower(new Ignore()), { options })).toMatchObject({ kind: 'ignore' })
  })

  test('called directly, a retry throws what went wrong', () => {
    const task = { name: 't', options: { name: 't', bind: true }, run: () => 1 }
    const context = directContext(task, [])
    const reason = new Error('again')
    expect(context.calledDirectly).toBe(true)
    expect(() => context.retry({ reason })).toThrow(reason)
    expect(context.retry()).toBeInstanceOf(Retry)
    expect(context.signal.aborted).toBe(false)
  })
})

describe('the soft limit', () => {
  const job = { softTimeLimitMs: 10 }
  const bind = { bind: true } as const

  test('fails a function that does not listen, at once and with the seconds', async () => {
    const { run, told } = makeRun(() => new Promise(() => undefined), { job })
    expect(await run.start()).toMatchObject({
      kind: 'failure',
      error: { code: 'SOFT_TIME_LIMIT_EXCEEDED', message: 'SoftTimeLimitExceeded(0.01)' },
    })
    expect(run.isAbandoned).toBe(true)
    expect(told.at(-1)).toEqual(['log', 'warning', 'Soft time limit (0.01s) exceeded for t[i]'])
  })

  test('one that listens ends as it wants: with its error, or a value', async () => {
    const throwing = (task: TaskContext) => sleep(10_000, undefined, { signal: task.signal })
    expect(await outcomeOf(throwing, { job, options: bind })).toMatchObject({
      kind: 'failure',
      error: { name: 'AbortError', cause: { code: 'SOFT_TIME_LIMIT_EXCEEDED' } },
    })
    const coping = (task: TaskContext) => throwing(task).catch(() => 'part of it')
    const { run } = makeRun(coping, { job, options: bind })
    expect(await run.start()).toEqual({ kind: 'success', value: 'part of it' })
    expect(run.isAbandoned).toBe(false)
  })

  test('one that blocks sees it when it looks', () => {
    const outcome = outcomeOf(
      (task: TaskContext) => {
        for (;;) task.signal.throwIfAborted()
      },
      { job, options: bind },
    )
    expect(outcome).toMatchObject({
      kind: 'failure',
      error: expect.any(SoftTimeLimitExceededError),
    })
  })

  test('is retried where errors of its class are', async () => {
    const options = { autoretryFor: [SoftTimeLimitExceededError] }
    const outcome = outcomeOf(() => new Promise(() => undefined), { job, options })
    expect(await outcome).toMatchObject({ kind: 'retry' })
  })
})

describe('from outside', () => {
  test('abort tells the signal; the function decides', async () => {
    const { run } = makeRun(
      (task: TaskContext) =>
        sleep(10_000, undefined, { signal: task.signal }).catch(() => task.signal.reason),
      { options: { bind: true } },
    )
    const outcome = run.start()
    const reason = new Error('stop')
    run.abort(reason)
    expect(await outcome).toEqual({ kind: 'success', value: reason })
  })

  test('end does not wait; what the function does later is not heard, not by hooks either', async () => {
    const later = Promise.withResolvers<void>()
    const onSuccess = vi.fn()
    const { run } = makeRun(() => later.promise, { options: { onSuccess } })
    const outcome = run.start()
    run.end({ kind: 'terminated', signal: 'SIGTERM' }, new Error('terminated'))
    expect(await outcome).toEqual({ kind: 'terminated', signal: 'SIGTERM' })
    later.resolve()
    await sleep()
    expect(onSuccess).not.toHaveBeenCalled()
    expect(run.isAbandoned).toBe(false)
  })

  test('what is left behind cannot overwrite the outcome', async () => {
    const contexts: TaskContext[] = []
    const { run, told } = makeRun((task: TaskContext) => contexts.push(task), {
      options: { bind: true },
    })
    void run.start()
    contexts[0]?.updateState('PROGRESS')
    expect(told.map(([what]) => what)).toEqual(['started'])
  })

  test('a function whose run has ended before is not begun', async () => {
    const before = Promise.withResolvers<void>()
    const begun = vi.fn()
    const { run } = makeRun(begun, { options: { beforeStart: () => before.promise } })
    const outcome = run.start()
    run.end({ kind: 'lost', reason: 'r' }, new Error('r'))
    before.resolve()
    expect(await outcome).toEqual({ kind: 'lost', reason: 'r' })
    await sleep()
    expect(begun).not.toHaveBeenCalled()
  })
})

describe('hooks', () => {
  function hooks(calls: unknown[][], isAsync: boolean): Partial<TaskOptions> {
    const hook =
      (name: string) =>
      (...args: unknown[]) => {
        if (!isAsync) return calls.push([name, ...args.slice(0, -1)])
        return sleep(1).then(() => calls.push([name, ...args.slice(0, -1)]))
      }
    return {
      beforeStart: hook('beforeStart'),
      onSuccess: hook('onSuccess'),
      onFailure: hook('onFailure'),
      onRetry: hook('onRetry'),
      afterReturn: hook('afterReturn'),
    }
  }

  test.each([false, true])('are called in order, and awaited (async: %s)', async (isAsync) => {
    const error = new Error('boom')
    const calls: unknown[][] = []
    const options = hooks(calls, isAsync)
    const run = () => calls.push(['run'])
    const success = outcomeOf(run, { options })
    expect(success instanceof Promise).toBe(isAsync)
    await success
    expect(calls.splice(0)).toEqual(
      [['beforeStart'], ['run'], ['onSuccess', 2], ['afterReturn', 'SUCCESS', 2]].map((call) =>
        call.map((part) => (part === 2 ? expect.any(Number) : part)),
      ),
    )

    await outcomeOf(
      () => {
        throw error
      },
      { options },
    )
    expect(calls.splice(0)).toEqual([
      ['beforeStart'],
      ['onFailure', error],
      ['afterReturn', 'FAILURE', error],
    ])

    await outcomeOf(
      () => {
        throw error
      },
      { options: { ...options, autoretryFor: [Error] } },
    )
    expect(calls.splice(0)).toEqual([['beforeStart'], ['onRetry', error]])
  })

  test.each([
    [
      'throws',
      () => {
        throw new Error('hook')
      },
    ],
    ['rejects', () => Promise.reject(new Error('hook'))],
  ])('one that %s is logged, and changes nothing', async (_, beforeStart) => {
    const { run, told } = makeRun(() => 1, { options: { beforeStart, onSuccess: beforeStart } })
    expect(await run.start()).toEqual({ kind: 'success', value: 1 })
    expect(told.filter(([what]) => what === 'log')).toEqual([
      ['log', 'error', expect.stringContaining('Error: hook')],
      ['log', 'error', expect.stringContaining('Error: hook')],
    ])
  })
})
