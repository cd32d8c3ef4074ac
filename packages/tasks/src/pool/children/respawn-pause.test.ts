import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { RespawnPause } from './respawn-pause.ts'

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
})
afterEach(() => {
  vi.useRealTimers()
})

function pauseOf(pause: RespawnPause): number {
  let isOver = false
  pause.failed(() => {
    isOver = true
  })
  for (let ms = 0; ; ms += 100) {
    vi.advanceTimersByTime(ms === 0 ? 0 : 100)
    if (isOver) return ms
  }
}

test('none, then doubled up to half a minute, until a child has done something', () => {
  const pause = new RespawnPause()
  const pauses = Array.from({ length: 12 }, () => pauseOf(pause))
  expect(pauses.slice(0, 5)).toEqual([0, 100, 200, 400, 800])
  expect(pauses.at(-1)).toBe(30_000)
  pause.reset()
  expect(pauseOf(pause)).toBe(0)
})

test('several that die together are one pause; the end is for ever', () => {
  const pause = new RespawnPause()
  const onOver = vi.fn()
  pause.failed(onOver)
  pause.failed(onOver)
  expect(pause.isPausing).toBe(true)
  vi.advanceTimersByTime(0)
  expect(onOver).toHaveBeenCalledOnce()
  pause.failed(onOver)
  pause.end()
  expect(pause.isPausing).toBe(false)
  vi.advanceTimersByTime(60_000)
  expect(onOver).toHaveBeenCalledOnce()
})
