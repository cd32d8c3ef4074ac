/** Longest delay that a timer takes: 24.8 days. What may take longer has no limit that matters. */
const longestTimerMs = 2 ** 31 - 1

/** Calls back when a time limit has passed. Keeps the process: somebody waits for what is limited, and clears it. */
export function limitTimer(limitMs: number, onPassed: () => void): NodeJS.Timeout | undefined {
  if (limitMs > longestTimerMs) return undefined
  return setTimeout(onPassed, Math.max(0, limitMs))
}
