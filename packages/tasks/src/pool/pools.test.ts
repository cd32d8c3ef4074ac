import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { inheritedFlags } from './children/inherited-flags.ts'
import type { JobOutcome } from './pool.ts'
import {
  alive,
  childPools,
  dyingModule,
  makePool,
  type PoolFacts,
  pools,
  type SuitePool,
  startPool,
  suiteModule,
} from './testing/pool-cases.ts'
import { HttpError } from './testing/suite-app.ts'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

const never = () => new AbortController().signal

describe.each(pools)('a pool of name $name', (facts: PoolFacts) => {
  const { name, isolates, hasPids, resizes } = facts
  let shared: SuitePool
  beforeAll(async () => {
    shared = await startPool(name)
  })
  afterAll(() => shared[Symbol.asyncDispose]())

  describe('outcomes', () => {
    test('a value, now or later', async () => {
      expect(await shared.run('nothing')).toEqual({ kind: 'success', value: undefined })
      expect(await shared.run('add', [1, 2])).toEqual({ kind: 'success', value: 3 })
      expect(await shared.run('addLater', [1, 2])).toEqual({ kind: 'success', value: 3 })
      const value = { at: new Date(5), big: 2n ** 70n, bytes: new Uint8Array([1, 2]), list: [null] }
      const echoed = await shared.run('echo', [value])
      expect(echoed).toMatchObject({ value: { at: value.at, big: value.big, list: [null] } })
    })

    test('an error, with its class, fields and cause', async () => {
      const failed = await shared.run('failWithCause')
      expect(failed).toMatchObject({
        kind: 'failure',
        error: { message: 'HTTP 503', status: 503, cause: { message: 'socket' } },
        traceback: expect.stringMatching(/^Traceback[\s\S]*suite-app[\s\S]*HttpError: HTTP 503\n$/),
      })
      expect(failed).toHaveProperty('error', expect.any(HttpError))
      expect(failed).toHaveProperty('error.cause', expect.any(TypeError))
      expect(await shared.run('fail', ['x'])).toHaveProperty('error', expect.any(RangeError))
      expect(await shared.run('throwText')).toMatchObject({ kind: 'failure', error: 'text' })
    })

    test('Ignore, Reject, Retry', async () => {
      expect(await shared.run('ignore')).toEqual({ kind: 'ignore' })
      expect(await shared.run('reject')).toEqual({ kind: 'reject', reason: 'bad', requeue: true })
      expect(await shared.run('retry', [4])).toMatchObject({
        kind: 'retry',
        retry: {
          args: [5],
          kwargs: {},
          etaMs: undefined,
          options: { queue: 'slow' },
          reason: { message: 'HTTP 429', status: 429 },
          traceback: expect.stringContaining('HTTP 429'),
        },
      })
    })

    test('a task that is not known', async () => {
      expect(await shared.run('unknown')).toMatchObject({
        kind: 'failure',
        error: { code: 'NOT_REGISTERED' },
      })
    })

    test('what cannot leave a child is a failure, and no crash', async () => {
      for (const task of ['function', 'promiseInside', 'reportFunction']) {
        const outcome = await shared.run(task)
        if (!isolates) expect(outcome).toMatchObject({ kind: 'success' })
        else expect(outcome).toMatchObject({ kind: 'failure', error: { code: 'NOT_ENCODABLE' } })
      }
      const given = await shared.run('echo', [() => undefined])
      if (isolates) expect(given).toMatchObject({ error: { code: 'NOT_ENCODABLE' } })
      expect(await shared.run('add', [1, 2])).toEqual({ kind: 'success', value: 3 })
      expect(shared.pool.runningCount).toBe(0)
    })

    test('reports, in order and before the outcome', async () => {
      shared.told.length = 0
      expect(await shared.run('report')).toEqual({ kind: 'success', value: 'done' })
      const pid = hasPids ? expect.toSatisfy((one) => shared.pool.pids.includes(one)) : process.pid
      expect(shared.told).toEqual([
        ['started', pid],
        ['state', 'PROGRESS', { done: 1, at: new Date(0) }],
        [
          'log',
          'info',
          'report[report-id]: half',
          expect.objectContaining({ of: expect.any(String) }),
        ],
        ['state', 'PROGRESS', { done: 2 }],
      ])
    })

    test('1,000 jobs', async () => {
      const wanted = Array.from({ length: 1_000 }, (_, n) => n)
      const outcomes = await Promise.all(wanted.map((n) => shared.run('addLater', [n, n])))
      expect(outcomes).toEqual(wanted.map((n) => ({ kind: 'success', value: 2 * n })))
      expect(shared.pool.runningCount).toBe(0)
    })
  })

  describe('limits', () => {
    test('soft: who listens copes, who does not fails', async () => {
      const soft = { softTimeLimitMs: 30 }
      expect(await shared.run('waitForSignal', [], soft)).toMatchObject({
        kind: 'failure',
        error: { code: 'SOFT_TIME_LIMIT_EXCEEDED', message: 'SoftTimeLimitExceeded(0.03)' },
      })
      expect(await shared.run('tellSignal', [], soft)).toMatchObject({
        kind: 'success',
        value: expect.stringContaining('SoftTimeLimitExceeded(0.03)'),
      })
      expect(await shared.run('never', [], soft)).toMatchObject({
        kind: 'failure',
        error: { code: 'SOFT_TIME_LIMIT_EXCEEDED' },
      })
      expect(await shared.run('add', [1, 2])).toEqual({ kind: 'success', value: 3 })
    })

    test('hard: ends what waits', async () => {
      const outcome = await shared.run('never', [], { hardTimeLimitMs: 40 })
      expect(outcome).toEqual({ kind: 'timeout', limitMs: 40 })
      expect(await shared.run('add', [1, 2])).toEqual({ kind: 'success', value: 3 })
    })

    test(isolates ? 'hard: ends what blocks' : 'hard: what blocks goes on', async () => {
      const blocking = await shared.run('block', [isolates ? 30_000 : 200], {
        hardTimeLimitMs: 100,
      })
      if (isolates) expect(blocking).toEqual({ kind: 'timeout', limitMs: 100 })
      else expect(blocking).toEqual({ kind: 'success', value: 'blocked' })
    })

    test('a limit of two months is one', async () => {
      const limit = 60 * 86_400_000
      const job = { softTimeLimitMs: limit, hardTimeLimitMs: limit }
      expect(await shared.run('wait', [20], job)).toEqual({ kind: 'success', value: 'waited' })
    })
  })

  describe('from outside', () => {
    test('abort aborts the signal', async () => {
      const [outcome] = await begin(shared, 'tellSignal')
      expect(shared.pool.abort('tellSignal-id', new HttpError(410))).toBe(true)
      expect(await outcome).toMatchObject({
        kind: 'success',
        value: expect.stringContaining('410'),
      })
      expect(shared.pool.abort('tellSignal-id', new Error('late'))).toBe(false)
    })

    test('terminate ends what waits', async () => {
      for (const task of ['never', 'waitForSignal']) {
        const [outcome] = await begin(shared, task)
        expect(shared.pool.terminate(`${task}-id`, 'SIGTERM')).toBe(true)
        expect(await outcome).toEqual({ kind: 'terminated', signal: 'SIGTERM' })
      }
      expect(shared.pool.terminate('never-id', 'SIGTERM')).toBe(false)
      expect(await shared.run('add', [1, 2])).toEqual({ kind: 'success', value: 3 })
    })

    test('resize under load', async () => {
      if (!resizes) {
        await expect(shared.pool.resize(3)).rejects.toMatchObject({ code: 'BAD_OPTION' })
        return
      }
      await using made = await startPool(name, { size: 1 })
      const jobs = Array.from({ length: 30 }, () => made.run('wait', [20]))
      for (const size of [3, 1, 2]) {
        await made.pool.resize(size)
        expect(made.pool.size).toBe(size)
      }
      expect(new Set((await Promise.all(jobs)).map(({ kind }) => kind))).toEqual(
        new Set(['success']),
      )
      if (hasPids) await expect.poll(() => made.pool.pids).toHaveLength(2)
      await expect(made.pool.resize(0)).rejects.toMatchObject({ code: 'BAD_OPTION' })
      expect(made.warnings).toEqual([])
    })

    test('a job that blocks for 2 s', async () => {
      const delay = monitorEventLoopDelay({ resolution: 10 })
      delay.enable()
      await sleep(50)
      expect(await shared.run('block', [2_000])).toEqual({ kind: 'success', value: 'blocked' })
      await sleep(20)
      delay.disable()
      if (isolates) expect(delay.max / 1e6).toBeLessThan(1_000)
      else expect(delay.max / 1e6).toBeGreaterThan(1_900)
    })
  })

  describe('stop', () => {
    test('warm waits for what runs, and takes no more', async () => {
      await using made = await startPool(name)
      const { pids } = made.pool
      const [outcome] = await begin(made, 'wait', [100])
      const stopped = made.pool.stop('warm', never())
      expect(await made.run('add', [1, 2])).toMatchObject({ kind: 'lost' })
      expect(await outcome).toEqual({ kind: 'success', value: 'waited' })
      await stopped
      expect(made.pool.runningCount).toBe(0)
      expect(alive(pids)).toEqual([])
      expect(made.warnings).toEqual([])
    })

    test.each(['cold', 'warm until the signal'])('%s ends what runs', async (how) => {
      await using made = await startPool(name)
      const { pids } = made.pool
      const outcomes = [...(await begin(made, 'waitForSignal')), made.run('never')]
      if (how === 'cold') await made.pool.stop('cold', never())
      else await made.pool.stop('warm', AbortSignal.timeout(50))
      const lost = { kind: 'lost', reason: expect.stringContaining('shut down') }
      expect(await Promise.all(outcomes)).toEqual([lost, lost])
      expect(alive(pids)).toEqual([])
      expect(made.warnings).toEqual([])
    })

    test('a second, cold stop overtakes the first', async () => {
      await using made = await startPool(name)
      const [outcome] = await begin(made, 'never')
      const warm = made.pool.stop('warm', never())
      await made.pool.stop('cold', never())
      await warm
      expect(await outcome).toMatchObject({ kind: 'lost' })
    })

    test('leaves nothing behind: a process that used it ends by itself', async () => {
      const program = fileURLToPath(new URL('./testing/leftovers.ts', import.meta.url))
      const child = spawn(process.execPath, [...process.execArgv, program, name], {
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      const [printed, [code]] = await Promise.all([text(child.stdout), once(child, 'exit')])
      expect(printed).toBe('[]')
      expect(code).toBe(0)
    })
  })

  test('a size that is none is refused', () => {
    const make = () => makePool(name, { size: 0 })
    if (name === 'solo') expect(make().pool.size).toBe(1)
    else expect(make).toThrow(expect.objectContaining({ code: 'BAD_OPTION' }))
  })
})

describe.each(childPools)('children of $name', ({ name, hasPids }: PoolFacts) => {
  test.each([
    ['exits', 'exit', [3], 'exited with code 3'],
    ['crashes', 'crash', [], 'out of the blue'],
    ['forgets a rejection', 'rejectUnheard', [], 'unheard'],
  ])('a job that %s is lost, and nothing else', async (_, task, args, why) => {
    await using made = await startPool(name)
    const beside = made.run('wait', [300])
    expect(await made.run(task, args)).toEqual({
      kind: 'lost',
      reason: expect.stringContaining(why),
    })
    expect(await beside).toEqual({ kind: 'success', value: 'waited' })
    expect(await made.run('add', [1, 2])).toEqual({ kind: 'success', value: 3 })
    expect(made.warnings).toEqual([expect.stringContaining(why)])
  })

  test('a job that eats all memory is lost', async () => {
    await using made = await startPool(name, { size: 1, maxHeapBytes: 64 * 2 ** 20 })
    expect(await made.run('eatHeap')).toEqual({
      kind: 'lost',
      reason: expect.stringMatching(hasPids ? /SIGABRT/ : /memory/),
    })
    expect(await made.run('add', [1, 2])).toEqual({ kind: 'success', value: 3 })
  })

  test('terminate ends what blocks, and what traps the signal', async () => {
    await using made = await startPool(name, { size: 1 })
    for (const task of ['block', 'trapTerm']) {
      const [outcome] = await begin(made, task, [30_000])
      await sleep(100)
      made.pool.terminate(`${task}-id`, 'SIGTERM')
      expect(await outcome).toEqual({ kind: 'terminated', signal: 'SIGTERM' })
    }
    expect(made.warnings).toEqual([])
  })

  test('maxTasksPerChild counts exactly', async () => {
    await using made = await startPool(name, { size: 1, maxTasksPerChild: 3 })
    const counts: number[] = []
    for (let run = 0; run < 8; run += 1) counts.push(await countOf(made))
    expect(counts).toEqual([1, 2, 3, 1, 2, 3, 1, 2])
    expect(made.warnings).toEqual([])
  })

  test('maxMemoryPerChildBytes replaces a child that grew, and loses nothing', async () => {
    const maxMemoryPerChildBytes = (hasPids ? 250 : 60) * 2 ** 20
    await using made = await startPool(name, { size: 1, maxMemoryPerChildBytes })
    expect(await countOf(made)).toBe(1)
    expect(await countOf(made)).toBe(2)
    await made.run('keep', [300])
    // It works on until its successor is there.
    await expect.poll(() => countOf(made), { timeout: 30_000 }).toBe(1)
    if (hasPids) await expect.poll(() => made.pool.pids).toHaveLength(1)
    expect(made.warnings).toEqual([])
  })

  test('a function that goes on after its soft limit takes its child with it', async () => {
    await using made = await startPool(name, { size: 1 })
    expect(await countOf(made)).toBe(1)
    await made.run('never', [], { softTimeLimitMs: 20 })
    expect(await countOf(made)).toBe(1)
    expect(made.warnings).toEqual([])
  })

  test('one that dies without a job is replaced', async () => {
    await using made = await startPool(name, { size: 1 })
    await made.run('leaveBehind')
    await expect.poll(() => made.warnings).toEqual([expect.stringContaining('left behind')])
    expect(await made.run('add', [1, 2])).toEqual({ kind: 'success', value: 3 })
  })

  test.each([
    ['throws', '?throw', RangeError, 'broken module'],
    ['exits', '?exit', Error, 'exited with code 7'],
    ['hangs', '?hang', Error, 'within 1500 ms'],
  ])('start() rejects when importing the app %s', async (_, query, errorClass, message) => {
    const url = `${dyingModule}${query}`
    const startTimeoutMs = query === '?hang' ? 1_500 : 60_000
    const { pool, warnings } = makePool(name, { app: { url }, startTimeoutMs })
    const error = await pool.start().catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(errorClass)
    expect(String(error)).toContain(message)
    expect(pool.pids).toEqual([])
    expect(warnings).toEqual([])
  })

  test('the time to start is over when a child has started', async () => {
    await using made = await startPool(name, { size: 1, startTimeoutMs: 4_000 })
    expect(await made.run('wait', [4_100])).toEqual({ kind: 'success', value: 'waited' })
  })

  test('the app is found by its name, or is the first; what is none is told', async () => {
    const started = async (exportName: string | undefined) => {
      await using made = await startPool(name, { app: { url: dyingModule, exportName }, size: 1 })
      return await made.run('pid')
    }
    expect(await started('app')).toMatchObject({ kind: 'success' })
    expect(await started(undefined)).toMatchObject({ kind: 'success' })
    expect(await started('other')).toMatchObject({ error: { code: 'NOT_REGISTERED' } })
    await expect(started('settings')).rejects.toThrow(/no app named "settings" \(it exports/)
    await expect(started('none')).rejects.toMatchObject({ code: 'BAD_OPTION' })
  })

  test('a worker that is a text (--eval) has children that are none', async () => {
    const className = hasPids ? 'ProcessPool' : 'ThreadPool'
    const program = `
      import { ${className} } from '${new URL(`./${hasPids ? 'process' : 'thread'}-pool.ts`, import.meta.url)}'
      import { app } from '${suiteModule}'
      const onWarning = (text) => console.error(text)
      const options = { registry: app.registry, app: { url: '${suiteModule}' }, size: 1, onWarning }
      const pool = new ${className}({ ...options, startTimeoutMs: 20_000 })
      await pool.start()
      await pool.stop('warm', AbortSignal.timeout(5_000))
      console.log('started and stopped')`
    const flags = [...inheritedFlags(process.execArgv), '--input-type=module', '-e', program]
    const child = spawn(process.execPath, flags, { stdio: ['ignore', 'pipe', 'inherit'] })
    expect(await text(child.stdout)).toBe('started and stopped\n')
  })

  test('children that keep dying are started again in growing pauses; jobs wait meanwhile', async () => {
    const flag = join(tmpdir(), `dashi-pools-${process.pid}-${name}`)
    const url = `${dyingModule}?exitIf=${flag}`
    await using made = await startPool(name, { app: { url }, size: 1 })
    await writeFile(flag, '')
    await made.run('dieLater')
    await expect.poll(() => made.warnings.length).toBeGreaterThan(0)
    const waiting = made.run('pid')
    const since = performance.now()
    await expect.poll(() => made.warnings.length, { timeout: 30_000 }).toBeGreaterThan(4)
    // Before the last one: at once, 100 ms, 200 ms, beside what starting takes.
    expect(performance.now() - since).toBeGreaterThan(300)
    await rm(flag)
    expect(await waiting).toMatchObject({ kind: 'success' })
  })
})

describe('processes', () => {
  test('leave the signals of a terminal or a service manager to the worker', async () => {
    await using made = await startPool('processes', { size: 1 })
    const { pids } = made.pool
    for (const pid of pids)
      for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.kill(pid, signal)
    expect(await made.run('pid')).toEqual({ kind: 'success', value: pids[0] })
  })

  test('die with their worker, even with SIGKILL and when they block', async () => {
    const program = fileURLToPath(new URL('./testing/orphans.ts', import.meta.url))
    const parent = spawn(process.execPath, [...process.execArgv, program], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const [line] = await once(createInterface(parent.stdout), 'line')
    const pids: number[] = JSON.parse(line)
    expect(alive(pids)).toHaveLength(2)
    parent.kill('SIGKILL')
    await expect.poll(() => alive(pids), { timeout: 5_000 }).toEqual([])
  })
})

/** Runs it, and waits until it has begun. Its outcome is in a list, to be awaited later. */
async function begin(
  made: SuitePool,
  ...job: Parameters<SuitePool['run']>
): Promise<[outcome: Promise<JobOutcome>]> {
  made.told.length = 0
  const outcome = made.run(...job)
  await expect.poll(() => made.told[0]).toEqual(['started', expect.any(Number)])
  return [outcome]
}

async function countOf(made: SuitePool): Promise<number> {
  const outcome = await made.run('count')
  expect(outcome).toMatchObject({ kind: 'success' })
  return outcome.kind === 'success' ? (outcome.value as [number, number])[1] : 0
}
