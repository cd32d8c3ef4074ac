import type { OutgoingTask, TaskMessage } from './outgoing-task.ts'
import { argsRepr, pythonRepr } from './python-repr.ts'
import { writeDate, writeLimits } from './wire-times.ts'

const noStamps: Readonly<Record<string, unknown>> = Object.freeze({})

/**
 * A call as a message of Celery's protocol 2. Body: `[args, kwargs, { callbacks, errbacks, chain, chord }]`. Headers: all
 * that Celery sends, in its order, null when unset; then the caller's own, which may replace any of them.
 *
 * @throws {TaskError} `BAD_OPTION`: a time that Python's dates cannot say.
 * @see celery/app/amqp.py, AMQP.as_task_v2
 */
export function writeTask(task: OutgoingTask): TaskMessage {
  const headers = protocolHeaders(task)
  for (const name in task.headers) headers[name] = task.headers[name]
  return { headers, body: [task.args, task.kwargs, task.embed] }
}

function protocolHeaders(task: OutgoingTask): Record<string, unknown> {
  return {
    lang: 'js',
    task: task.task,
    id: task.id,
    shadow: task.shadow ?? null,
    eta: writeDate(task, 'etaMs'),
    expires: writeDate(task, 'expiresMs'),
    group: task.groupId ?? null,
    group_index: task.groupIndex ?? null,
    retries: task.retries,
    timelimit: writeLimits(task.timeLimitMs),
    root_id: task.rootId,
    parent_id: task.parentId ?? null,
    argsrepr: argsRepr(task.args),
    kwargsrepr: pythonRepr(task.kwargs),
    origin: task.origin,
    // Null leaves it to the task; false would overrule it.
    ignore_result: task.ignoreResult ?? null,
    replaced_task_nesting: task.replacedTaskNesting,
    stamped_headers: task.stampedHeaders ?? null,
    stamps: task.stampedHeaders === undefined ? noStamps : task.stamps,
  }
}
