import type { CallOptions } from '../task/call-options.ts'
import type { TaskOptions } from '../task/task-options.ts'

/** What a task's attributes say about its calls; the call itself wins. */
const attributes = [
  'queue',
  'exchange',
  'routingKey',
  'priority',
  'serializer',
  'compression',
  'timeLimitMs',
  'softTimeLimitMs',
  'ignoreResult',
] as const

/** Completes the options of a call by the attributes of its task. */
export function withTaskOptions(task: TaskOptions, options: CallOptions): CallOptions {
  let merged: Record<string, unknown> | undefined
  for (const name of attributes) {
    const value = task[name]
    if (value === undefined || options[name] !== undefined) continue
    merged ??= { ...options }
    merged[name] = value
  }
  if (task.expiresMs !== undefined && options.expires === undefined) {
    merged ??= { ...options }
    merged['expires'] = task.expiresMs
  }
  return merged ?? options
}
