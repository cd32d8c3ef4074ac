import type { FaultPlan, TransportName } from '../fault-plan.ts'
import { filesystemSubject } from './filesystem-subject.ts'
import { redisSubject } from './redis-subject.ts'
import { sqliteSubject } from './sqlite-subject.ts'
import type { Subject } from './subject.ts'

type StartSubject = (plan: FaultPlan, folder: string) => Subject | Promise<Subject>

const subjects: Readonly<Record<TransportName, StartSubject>> = {
  redis: redisSubject,
  sqlite: sqliteSubject,
  filesystem: filesystemSubject,
  'kombu-redis': redisSubject,
}

/** Starts what the plan puts under faults. */
export async function startSubject(plan: FaultPlan, folder: string): Promise<Subject> {
  return await subjects[plan.transport](plan, folder)
}
