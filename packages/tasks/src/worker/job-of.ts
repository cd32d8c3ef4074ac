import type { Settings } from '../configuration/settings.ts'
import type { Job } from '../pool/pool.ts'
import type { Reservation } from './reservation.ts'

/** Whose worker it is, and the limits of tasks that have none of their own. */
export interface JobPlace {
  readonly hostname: string
  readonly settings: Pick<Settings, 'taskSoftTimeLimitMs' | 'taskTimeLimitMs'>
}

/** What a pool needs to know. The message's limits win over the task's, and these over the settings. */
export function jobOf({ request, message, task }: Reservation, place: JobPlace): Job {
  const { hostname, settings } = place
  const { hard, soft } = request.timeLimitMs
  return {
    request,
    deliveryInfo: message.deliveryInfo,
    hostname,
    softTimeLimitMs:
      soft ?? task.options.softTimeLimitMs ?? settings.taskSoftTimeLimitMs ?? undefined,
    hardTimeLimitMs: hard ?? task.options.timeLimitMs ?? settings.taskTimeLimitMs ?? undefined,
  }
}
