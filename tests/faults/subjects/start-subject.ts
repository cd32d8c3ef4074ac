import type { FaultPlan } from '../fault-plan.ts'
import { redisSubject } from './redis-subject.ts'
import { sqliteSubject } from './sqlite-subject.ts'
import type { Subject } from './subject.ts'

/** Starts what the plan puts under faults. */
export async function startSubject(plan: FaultPlan, folder: string): Promise<Subject> {
  return plan.transport === 'sqlite' ? sqliteSubject(plan, folder) : await redisSubject(plan)
}
