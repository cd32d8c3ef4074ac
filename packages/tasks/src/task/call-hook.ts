import type { JobReports } from '../pool/pool.ts'

type Hook<Args extends readonly unknown[]> = (...args: Args) => unknown

/** Calls a hook. What it throws, now or later, is logged, and changes nothing. */
export function callHook<Args extends readonly unknown[]>(
  hook: Hook<Args>,
  args: Args,
  reports: Pick<JobReports, 'onLog'>,
): void {
  const onError = (error: unknown) =>
    reports.onLog(
      'error',
      `A hook of a task threw: ${error instanceof Error ? error.stack : String(error)}`,
      {},
    )
  try {
    const returned = hook(...args)
    if (returned instanceof Promise) returned.catch(onError)
  } catch (error) {
    onError(error)
  }
}
