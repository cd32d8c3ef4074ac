import { setTimeout } from 'node:timers/promises'

interface WaitOptions {
  /** Default: 30 s. */
  readonly timeoutMs?: number
  /** Default: 25 ms. */
  readonly intervalMs?: number
}

/** Asks until the answer is yes; resolves to false when the time is up before that. */
export async function waitUntil(
  check: () => boolean | Promise<boolean>,
  options: WaitOptions = {},
): Promise<boolean> {
  const { timeoutMs = 30_000, intervalMs = 25 } = options
  const end = performance.now() + timeoutMs
  while (!(await check())) {
    if (performance.now() > end) return false
    await setTimeout(intervalMs)
  }
  return true
}
