import { pythonRepr } from '../protocol/python-repr.ts'
import type { TaskRequest } from '../protocol/task-request.ts'

/** Celery's log lines: tools parse them. Source: celery/app/trace.py and celery/worker/request.py. */
export const logLines = {
  received: (request: TaskRequest): string => `Task ${nameOf(request)} received`,
  succeeded: (request: TaskRequest, seconds: number, value: unknown): string =>
    `Task ${nameOf(request)} succeeded in ${seconds}s: ${pythonRepr(value)}`,
  failed: (request: TaskRequest, error: string): string =>
    `Task ${nameOf(request)} raised unexpected: ${error}`,
  expected: (request: TaskRequest, error: string): string =>
    `Task ${nameOf(request)} raised expected: ${error}`,
  retried: (request: TaskRequest, seconds: number | undefined, error: string): string =>
    `Task ${nameOf(request)} retry: Retry${seconds === undefined ? '' : ` in ${seconds}s`}: ${error}`,
  ignored: (request: TaskRequest): string => `Task ${nameOf(request)} ignored`,
  rejected: (request: TaskRequest, requeue: boolean, reason: string): string =>
    `Task ${nameOf(request)} reject requeue=${requeue ? 'True' : 'False'}: ${reason}`,
  revoked: (request: TaskRequest): string => `Discarding revoked task: ${nameOf(request)}`,
  hardLimit: (request: TaskRequest, seconds: number): string =>
    `Hard time limit (${seconds}s) exceeded for ${nameOf(request)}`,
} as const

function nameOf({ task, id, shadow }: TaskRequest): string {
  return `${shadow ?? task}[${id}]`
}
