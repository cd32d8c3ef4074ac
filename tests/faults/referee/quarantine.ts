/** Messages that nobody can read: whether each was set aside, whole and with its reason. */
import { poisonText } from '../actors/test-body.ts'
import type { Quarantined } from '../subjects/subject.ts'
import type { History } from './history.ts'

/** What became of them. Ids stand for messages. */
export interface QuarantineFindings {
  /** Confirmed ones. */
  readonly poison: number
  /** Messages in quarantine, duplicates included. */
  readonly quarantined: number
  /** Confirmed, and not in quarantine. */
  readonly missing: readonly string[]
  /** In quarantine, although it was sound, or not as it was published, or without its reason. */
  readonly wrong: readonly string[]
}

export function quarantineFindings(
  { messages }: History,
  quarantined: readonly Quarantined[],
): QuarantineFindings {
  const found = new Set(quarantined.map(({ id }) => id))
  const poison = [...messages.values()].filter(
    ({ isPoison, outcome }) => isPoison && outcome === 'confirmed',
  )
  return {
    poison: poison.length,
    quarantined: quarantined.length,
    missing: poison.filter(({ id }) => !found.has(id)).map(({ id }) => id),
    wrong: quarantined
      .filter(({ id, code, body }) => {
        const isAsPublished = messages.get(id)?.isPoison && body === poisonText(id)
        return !isAsPublished || code !== 'NOT_DECODABLE'
      })
      .map(({ id }) => id),
  }
}
