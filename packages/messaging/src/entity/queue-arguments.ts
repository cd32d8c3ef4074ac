import type { DeclarationArguments } from './binding.ts'

/** Limits of a queue that have names of their own here, and `x-` names on the wire. */
export interface QueueLimits {
  /** The queue goes when nobody used it for so long. `x-expires`, whole milliseconds. */
  readonly expiresMs?: number | undefined
  /** Messages go when they waited for so long. `x-message-ttl`, whole milliseconds. */
  readonly messageTtlMs?: number | undefined
  /** `x-max-length`. */
  readonly maxLength?: number | undefined
  /** `x-max-length-bytes`. */
  readonly maxLengthBytes?: number | undefined
  /** `x-max-priority`: priorities from 0 to this order the queue. */
  readonly maxPriority?: number | undefined
}

/**
 * Arguments of `queue.declare`: those given, and the limits, which win.
 *
 * @see kombu/transport/base.py, to_rabbitmq_queue_arguments
 */
export function queueArgumentsOf(
  queue: QueueLimits & { readonly queueArguments: DeclarationArguments },
): DeclarationArguments {
  const limits = {
    'x-expires': whole(queue.expiresMs),
    'x-message-ttl': whole(queue.messageTtlMs),
    'x-max-length': queue.maxLength,
    'x-max-length-bytes': queue.maxLengthBytes,
    'x-max-priority': queue.maxPriority,
  }
  const given = Object.entries(limits).filter(([, value]) => value !== undefined)
  return { ...queue.queueArguments, ...Object.fromEntries(given) }
}

function whole(milliseconds: number | undefined): number | undefined {
  return milliseconds === undefined ? undefined : Math.trunc(milliseconds)
}
