import type { FaultPlan } from '../fault-plan.ts'
import type { TransportName } from '../fault-transports.ts'
import { filesystemSubject } from './filesystem-subject.ts'
import { rabbitmqSubject } from './rabbitmq-subject.ts'
import { redisSubject } from './redis-subject.ts'
import { sentinelSubject } from './sentinel-subject.ts'
import { sqliteSubject } from './sqlite-subject.ts'
import type { Subject } from './subject.ts'

type StartSubject = (plan: FaultPlan, folder: string) => Subject | Promise<Subject>

const subjects: Readonly<Record<TransportName, StartSubject>> = {
  redis: redisSubject,
  'redis-sentinel': sentinelSubject,
  'rabbitmq-classic': rabbitmqSubject,
  'rabbitmq-quorum': rabbitmqSubject,
  sqlite: sqliteSubject,
  filesystem: filesystemSubject,
  'kombu-redis': redisSubject,
  'kombu-rabbitmq': rabbitmqSubject,
  'kombu-filesystem': filesystemSubject,
}

/** Starts what the plan puts under faults. */
export async function startSubject(plan: FaultPlan, folder: string): Promise<Subject> {
  return await subjects[plan.transport](plan, folder)
}
