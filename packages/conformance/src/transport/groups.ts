/** All groups, in the order in which a transport is built. */
import type { CaseGroup } from '../case.ts'
import { badInputCases } from './bad-input.ts'
import { brokerFaultCases } from './broker-faults.ts'
import { closeCases } from './close.ts'
import { consumeCases } from './consume.ts'
import { deadLetterCases } from './dead-letters.ts'
import { limitCases } from './limits.ts'
import { prefetchCases } from './prefetch.ts'
import { priorityCases } from './priorities.ts'
import { processCases } from './processes.ts'
import { publishCases } from './publish.ts'
import { quarantineCases } from './quarantine.ts'
import { queueCases } from './queues.ts'
import { reconnectCases } from './reconnect.ts'
import { routeCases } from './route.ts'
import { settleCases } from './settle.ts'
import { simpleQueueCases } from './simple-queues.ts'
import { ttlCases } from './ttl.ts'
import { unreachableCases } from './unreachable.ts'

export const transportGroups: readonly CaseGroup[] = [
  publishCases,
  consumeCases,
  settleCases,
  routeCases,
  queueCases,
  prefetchCases,
  priorityCases,
  ttlCases,
  deadLetterCases,
  simpleQueueCases,
  closeCases,
  limitCases,
  badInputCases,
  quarantineCases,
  reconnectCases,
  unreachableCases,
  brokerFaultCases,
  processCases,
]
