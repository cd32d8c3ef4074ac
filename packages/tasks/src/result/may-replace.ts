import { readyStates, type TaskState } from './result-meta.ts'

/** Whether a state may be stored over another: nothing over `SUCCESS`, only what is ready over what is. */
export function mayReplace(stored: TaskState | undefined, next: TaskState): boolean {
  if (stored === undefined || !readyStates.has(stored)) return true
  return stored !== 'SUCCESS' && readyStates.has(next)
}
