import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { FaultPlan } from '../fault-plan.ts'
import {
  idsIn,
  quarantinedIn,
  quarantineName,
  queueName,
  type Remains,
  type Subject,
} from './subject.ts'

/** Where a holder keeps what it has taken, below the data folder. */
const heldName = '.dashi-held'

/** Folders in the run's folder. */
export function filesystemSubject(plan: FaultPlan, folder: string): Subject {
  const queue = join(folder, 'queue')
  const data = join(queue, 'data')
  const ours = { leaseMs: plan.leaseMs, fsync: plan.durability === 'full' }
  const control = join(queue, 'control')
  const kombus = { data_folder_in: data, data_folder_out: data, control_folder: control }
  // Kombu makes neither of them.
  for (const path of [data, control]) mkdirSync(path, { recursive: true })
  return {
    url: `filesystem://${queue}`,
    transportOptions: plan.transport === 'kombu-filesystem' ? kombus : ours,
    publisherOptions: ours,
    version: 'files',
    remains: async () => remainsIn(data),
    remainingIds: async () =>
      idsIn([...contentsOf(data, messagesIn(data, queueName)), ...heldContents(data)]),
    quarantined: async () => quarantinedIn(contentsOf(data, messagesIn(data, quarantineName))),
    async [Symbol.asyncDispose]() {
      // The files go with the run's folder.
    },
  }
}

function remainsIn(data: string): Remains {
  const holders = namesIn(join(data, heldName))
  const known = [heldName, ...messagesIn(data, queueName), ...messagesIn(data, quarantineName)]
  return {
    ready: messagesIn(data, queueName).length,
    leased: holders.flatMap((holder) => messagesIn(join(data, heldName, holder), queueName)).length,
    holders: holders.length,
    other: namesIn(data).filter((name) => !known.includes(name)),
  }
}

function messagesIn(folder: string, queue: string): readonly string[] {
  return namesIn(folder).filter((name) => name.endsWith(`.${queue}.msg`))
}

function heldContents(data: string): readonly string[] {
  return namesIn(join(data, heldName)).flatMap((holder) => {
    const folder = join(data, heldName, holder)
    return contentsOf(folder, messagesIn(folder, queueName))
  })
}

/** A file may be gone by the time it is read: somebody has taken it. */
function contentsOf(folder: string, names: readonly string[]): readonly string[] {
  return names.flatMap((name) => {
    const path = join(folder, name)
    return existsSync(path) ? [readFileSync(path, 'utf8')] : []
  })
}

function namesIn(folder: string): readonly string[] {
  return existsSync(folder) ? readdirSync(folder) : []
}
