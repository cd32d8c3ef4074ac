import type { JobReports } from '../pool/pool.ts'

type Hook<Args extends readonly unknown[]> = (...args: Args) => unknown

/**
 * Calls a hook. What it throws, now or later, is logged, and changes nothing.
 *
 * @returns a promise of its end if it awaits something; it never rejects.
 */
export function callHook<Args extends readonly unknown[]>(
  hook: Hook<Args>,
  args: Args,
  reports: Pick<JobReports, 'onLog'>,
): Promise<unknown> | undefined {
  const onError = (error: unknown) => {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
    reports.onLog('error', `A hook of a task threw: ${text}`, {})
  }
  try {
    const returned = hook(...args)
    return returned instanceof Promise ? returned.catch(onError) : undefined
  } catch (error) {
    onError(error)
    return undefined
  }
}
