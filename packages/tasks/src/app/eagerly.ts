import { workerNodeName } from '../client/node-name.ts'
import { TaskError } from '../errors.ts'
import { AsyncPool } from '../pool/async-pool.ts'
import type { Job, JobOutcome } from '../pool/pool.ts'
import { type EagerOutcome, EagerResult } from '../result/eager-result.ts'
import type { CallOptions } from '../task/call-options.ts'
import { asTask } from '../task/current-task.ts'
import { directRequest } from '../task/direct-context.ts'
import type { RegisteredTask, TaskRegistry } from '../task/registered-task.ts'

/** An eager call. */
export interface EagerCall {
  readonly args: readonly unknown[]
  readonly options: CallOptions
}

/** Runs a call here and now, retries included, without their pauses. Source: celery/app/task.py, Task.apply(). */
export async function eagerly(
  registry: TaskRegistry,
  task: RegisteredTask,
  { args, options }: EagerCall,
): Promise<EagerResult<unknown>> {
  const pool = new AsyncPool({ registry, size: 1 })
  let request = {
    ...directRequest(task.name, args, options.kwargs),
    ...(options.taskId === undefined ? {} : { id: options.taskId, correlationId: options.taskId }),
    retries: options.retries ?? 0,
  }
  for (;;) {
    const job: Job = {
      request,
      deliveryInfo: {},
      hostname: workerNodeName(),
      softTimeLimitMs: options.softTimeLimitMs ?? task.options.softTimeLimitMs,
      hardTimeLimitMs: options.timeLimitMs ?? task.options.timeLimitMs,
    }
    const current = request
    const outcome = await asTask(current, () => pool.run(job, quiet))
    if (outcome.kind !== 'retry') return new EagerResult(request.id, eagerOutcome(outcome))
    const { args: nextArgs, kwargs } = outcome.retry
    request = { ...request, args: nextArgs, kwargs, retries: request.retries + 1 }
  }
}

const quiet = {
  onStarted: () => undefined,
  onState: () => undefined,
  onChild: () => undefined,
  onLog: () => undefined,
} as const

function eagerOutcome(outcome: JobOutcome): EagerOutcome<unknown> {
  switch (outcome.kind) {
    case 'success':
      return { status: 'SUCCESS', value: outcome.value }
    case 'failure':
      return { status: 'FAILURE', error: outcome.error, traceback: outcome.traceback }
    default:
      return {
        status: 'FAILURE',
        error: new TaskError('TASK_FAILED', `The task ended: ${outcome.kind}`),
      }
  }
}
