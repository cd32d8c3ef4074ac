import type { TaskOptions } from './task-options.ts'

/** Celery's `default_retry_delay`. */
const defaultDelayMs = 180_000
const defaultBackoffMs = 1_000
const defaultBackoffMaxMs = 600_000

/**
 * Pause before the next attempt, in milliseconds. With `retryBackoff` it doubles with each retry up to `retryBackoffMaxMs`, and is
 * spread between 0 and that unless `retryJitter` is false. Source: celery/utils/time.py, get_exponential_backoff_interval().
 *
 * @param retries How many there were before.
 * @param random Between 0 and 1.
 */
export function retryDelayMs(
  options: TaskOptions,
  retries: number,
  random: number = Math.random(),
): number {
  const {
    retryBackoff = false,
    retryBackoffMaxMs = defaultBackoffMaxMs,
    retryJitter = true,
  } = options
  if (retryBackoff === false) return options.defaultRetryDelayMs ?? defaultDelayMs
  const factorMs = retryBackoff === true ? defaultBackoffMs : retryBackoff
  const delayMs = Math.min(retryBackoffMaxMs, factorMs * 2 ** retries)
  return retryJitter ? Math.floor(random * (delayMs + 1)) : delayMs
}
