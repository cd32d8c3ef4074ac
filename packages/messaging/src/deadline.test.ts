import { getEventListeners } from 'node:events'
import { describe, expect, test } from 'vitest'
import { withDeadline } from './deadline.ts'
import { TimeoutError } from './errors.ts'

const what = 'The work'

describe('withDeadline()', () => {
  test('is the promise, when it is in time', async () => {
    expect(await withDeadline(Promise.resolve(1), { timeoutMs: 1_000, what })).toBe(1)
    const failing = withDeadline(Promise.reject(new Error('no')), { timeoutMs: 1_000, what })
    await expect(failing).rejects.toThrow('no')
  })

  test('ends the wait after its time, and says for what', async () => {
    const never = new Promise(() => undefined)
    const waiting = withDeadline(never, { timeoutMs: 5, what })
    await expect(waiting).rejects.toThrow(TimeoutError)
    await expect(waiting).rejects.toThrow('The work was not done within 5 ms')
  })

  test('ends the wait when aborted, with the reason', async () => {
    const abort = new AbortController()
    const never = new Promise(() => undefined)
    const waiting = withDeadline(never, { timeoutMs: 60_000, signal: abort.signal, what })
    abort.abort(new Error('enough'))
    await expect(waiting).rejects.toThrow('enough')
  })

  test('aborted before, it does not wait, and what the promise says later is handled', async () => {
    const unhandled: unknown[] = []
    const note = (reason: unknown) => unhandled.push(reason)
    process.on('unhandledRejection', note)
    const late = Promise.withResolvers<never>()
    const signal = AbortSignal.abort(new Error('too late'))
    await expect(withDeadline(late.promise, { timeoutMs: 60_000, signal, what })).rejects.toThrow(
      'too late',
    )
    late.reject(new Error('later'))
    await new Promise((resolve) => setImmediate(resolve))
    process.off('unhandledRejection', note)
    expect(unhandled).toEqual([])
  })

  test('leaves no listener on the signal', async () => {
    const { signal } = new AbortController()
    await withDeadline(Promise.resolve(), { timeoutMs: 1_000, signal, what })
    expect(getEventListeners(signal, 'abort')).toEqual([])
  })
})
