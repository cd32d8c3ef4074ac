import type { Job, JobReports } from '../pool/pool.ts'
import { noEmbed, type TaskRequest } from '../protocol/task-request.ts'
import type { RegisteredTask } from './registered-task.ts'
import { RunContext } from './run-context.ts'
import type { TaskContext } from './task-context.ts'
import { TaskRun } from './task-run.ts'

const nothing: Readonly<Record<string, unknown>> = Object.freeze({})

/** The context of a bound task that is called as a function: nobody is told anything, and nothing aborts its signal. */
export function directContext(task: RegisteredTask, args: readonly unknown[]): TaskContext {
  const job: Job = {
    request: directRequest(task.name, args),
    deliveryInfo: nothing,
    hostname: '',
    softTimeLimitMs: undefined,
    hardTimeLimitMs: undefined,
  }
  return new RunContext(new TaskRun(task, job, silent), true)
}

/** Nobody listens. */
const silent: JobReports = {
  onStarted: () => undefined,
  onState: () => undefined,
  onChild: () => undefined,
  onLog: () => undefined,
}

/** A call that no message carried. */
export function directRequest(
  name: string,
  args: readonly unknown[],
  kwargs: Readonly<Record<string, unknown>> = nothing,
): TaskRequest {
  const id = crypto.randomUUID()
  return {
    id,
    task: name,
    args,
    kwargs,
    embed: noEmbed,
    retries: 0,
    etaMs: undefined,
    expiresMs: undefined,
    timeLimitMs: { hard: undefined, soft: undefined },
    rootId: id,
    parentId: undefined,
    groupId: undefined,
    groupIndex: undefined,
    shadow: undefined,
    argsrepr: '',
    kwargsrepr: '',
    origin: undefined,
    lang: 'js',
    ignoreResult: undefined,
    replacedTaskNesting: 0,
    stampedHeaders: [],
    stamps: nothing,
    headers: nothing,
    replyTo: '',
    correlationId: id,
    protocol: 2,
  }
}
