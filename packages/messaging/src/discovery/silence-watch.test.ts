import { expect, test } from 'vitest'
import { type ElapsedTime, SilenceWatch } from './silence-watch.ts'

test('SilenceWatch tells how long it could not look', async () => {
  const looks: ElapsedTime[] = []
  const seen = Promise.withResolvers<ElapsedTime>()
  const watch = new SilenceWatch(20, (elapsed) => {
    looks.push(elapsed)
    if (elapsed.stoppedMs > 0) seen.resolve(elapsed)
  })
  watch.start()
  const until = performance.now() + 150
  while (performance.now() < until); // Busy, as a process is that computes.
  const { ms, stoppedMs } = await seen.promise
  watch.stop()
  expect(ms).toBeGreaterThanOrEqual(145)
  expect(ms - stoppedMs).toBeCloseTo(20)
  const count = looks.length
  await new Promise(setImmediate)
  expect(looks).toHaveLength(count)
})
