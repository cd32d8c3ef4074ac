import type { OutgoingTask } from '../protocol/outgoing-task.ts'
import { noEmbed, type TaskEmbed } from '../protocol/task-request.ts'
import type { RoutedCall } from '../routing/router.ts'
import type { CallOptions } from '../task/call-options.ts'
import { currentTask } from '../task/current-task.ts'

const nothing: Readonly<Record<string, unknown>> = Object.freeze({})

/** What a call becomes on the wire: ids, absolute times, and the task it was sent from as its parent. */
export function outgoingTask(call: RoutedCall, options: CallOptions, origin: string): OutgoingTask {
  const id = options.taskId ?? crypto.randomUUID()
  const parent = currentTask()
  return {
    id,
    task: call.task,
    args: call.args,
    kwargs: call.kwargs,
    embed: embedOf(options),
    retries: options.retries ?? 0,
    etaMs: etaOf(options),
    expiresMs: expiryOf(options),
    timeLimitMs: { hard: options.timeLimitMs, soft: options.softTimeLimitMs },
    rootId: options.rootId ?? parent?.rootId ?? id,
    parentId: options.parentId ?? parent?.id,
    groupId: options.groupId,
    groupIndex: options.groupIndex,
    shadow: options.shadow,
    origin,
    ignoreResult: options.ignoreResult,
    replacedTaskNesting: 0,
    stampedHeaders: undefined,
    stamps: nothing,
    headers: options.headers ?? nothing,
  }
}

function embedOf({ link, linkError, chain, chord }: CallOptions): TaskEmbed {
  if (!link && !linkError && !chain && chord === undefined) return noEmbed
  return {
    callbacks: link ?? null,
    errbacks: linkError ?? null,
    chain: chain ?? null,
    chord: chord ?? null,
  }
}

/** A countdown of 0 is no time at all, as for Celery. */
function etaOf({ eta, countdownMs }: CallOptions): number | undefined {
  if (eta !== undefined) return eta.getTime()
  return countdownMs === undefined || countdownMs <= 0 ? undefined : Date.now() + countdownMs
}

function expiryOf({ expires }: CallOptions): number | undefined {
  if (expires === undefined) return undefined
  return typeof expires === 'number' ? Date.now() + expires : expires.getTime()
}
