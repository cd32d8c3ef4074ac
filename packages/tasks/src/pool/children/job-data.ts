import { type RequestData, requestData, requestFromData } from '../../protocol/request-data.ts'
import type { Job } from '../pool.ts'

/** A job as plain data. The hard limit stays with the pool, which kills. */
export interface JobData {
  readonly request: RequestData
  readonly deliveryInfo: Readonly<Record<string, unknown>>
  readonly hostname: string
  readonly softTimeLimitMs: number | undefined
}

/** A job, to be posted. */
export function jobData({ request, deliveryInfo, hostname, softTimeLimitMs }: Job): JobData {
  return { request: requestData(request), deliveryInfo, hostname, softTimeLimitMs }
}

/** The job again. */
export function jobFromData({ request, ...rest }: JobData): Job {
  return { request: requestFromData(request), ...rest, hardTimeLimitMs: undefined }
}
