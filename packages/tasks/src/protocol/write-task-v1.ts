import { TaskError } from '../errors.ts'
import type { OutgoingTask, TaskMessage } from './outgoing-task.ts'
import { writeDate, writeLimits } from './wire-times.ts'

/**
 * A call as a message of Celery's protocol 1: everything in the body, as a mapping. It has no place for a chain, nor for the
 * ids of a workflow.
 *
 * @throws {TaskError} `BAD_OPTION`: a time that Python's dates cannot say; a chain, which would be lost.
 * @see celery/app/amqp.py, AMQP.as_task_v1
 */
export function writeTaskV1(task: OutgoingTask): TaskMessage {
  const { embed } = task
  if (embed.chain !== null && embed.chain.length > 0) throw chainInV1(task)
  const body = {
    task: task.task,
    id: task.id,
    args: task.args,
    kwargs: task.kwargs,
    group: task.groupId ?? null,
    group_index: task.groupIndex ?? null,
    retries: task.retries,
    eta: writeDate(task, 'etaMs'),
    expires: writeDate(task, 'expiresMs'),
    utc: true,
    callbacks: embed.callbacks,
    errbacks: embed.errbacks,
    timelimit: writeLimits(task.timeLimitMs),
    taskset: task.groupId ?? null,
    chord: embed.chord ?? null,
  }
  return { headers: { ...task.headers }, body }
}

function chainInV1(task: OutgoingTask): TaskError {
  return new TaskError(
    'BAD_OPTION',
    `Task ${task.task}[${task.id}] cannot be sent in protocol 1, which has no place for what follows it in its chain. Set taskProtocol to 2`,
  )
}
