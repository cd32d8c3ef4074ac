import type { Job } from '../pool/pool.ts'
import type { Reservation } from './reservation.ts'

/** What a pool needs to know. The message's limits win over the task's. */
export function jobOf({ request, message, task }: Reservation, hostname: string): Job {
  const { hard, soft } = request.timeLimitMs
  return {
    request,
    deliveryInfo: message.deliveryInfo,
    hostname,
    softTimeLimitMs: soft ?? task.options.softTimeLimitMs,
    hardTimeLimitMs: hard ?? task.options.timeLimitMs,
  }
}
