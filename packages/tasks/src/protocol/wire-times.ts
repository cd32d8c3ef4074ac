import { TaskError } from '../errors.ts'
import { writeIsoDate } from './iso-date.ts'
import type { OutgoingTask } from './outgoing-task.ts'
import type { TimeLimits } from './task-request.ts'

const noLimits: readonly null[] = Object.freeze([null, null])

/** `timelimit`: seconds, the hard one first. */
export function writeLimits({ hard, soft }: TimeLimits): readonly (number | null)[] {
  if (hard === undefined && soft === undefined) return noLimits
  return [hard === undefined ? null : hard / 1000, soft === undefined ? null : soft / 1000]
}

/**
 * `eta` or `expires` of a call.
 *
 * @throws {TaskError} `BAD_OPTION`: a time that Python's dates cannot say.
 */
export function writeDate(task: OutgoingTask, name: 'etaMs' | 'expiresMs'): string | null {
  const timeMs = task[name]
  if (timeMs === undefined) return null
  try {
    return writeIsoDate(timeMs)
  } catch (error) {
    throw unsayable(task, name, error)
  }
}

function unsayable(task: OutgoingTask, name: 'etaMs' | 'expiresMs', cause: unknown): TaskError {
  const option = name === 'etaMs' ? 'eta or countdownMs' : 'expires'
  return new TaskError(
    'BAD_OPTION',
    `Task ${task.task}[${task.id}] cannot be sent: its ${option} is ${task[name]} in Unix milliseconds, and Python's dates have the years 1 to 9999 only`,
    { cause },
  )
}
