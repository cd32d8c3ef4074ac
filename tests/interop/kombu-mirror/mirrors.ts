/** All mirrors, and which of Kombu's tests have one. Pure. */
import { basicMirrors } from './basic.ts'
import { exchangeTypeMirrors } from './exchange-types.ts'
import { failoverMirrors } from './failover.ts'
import { type KombuTest, kombuTests } from './kombu-tests.ts'
import { messageMirrors } from './message.ts'
import type { Mirrors } from './mirror.ts'
import { priorityMirrors } from './priority.ts'
import { rabbitmqMirrors } from './rabbitmq.ts'
import { redisMirrors } from './redis.ts'
import { timeToLiveMirrors } from './time-to-live.ts'

/** By the names of Kombu's tests. */
export const mirrors: Mirrors = {
  ...basicMirrors,
  ...exchangeTypeMirrors,
  ...timeToLiveMirrors,
  ...priorityMirrors,
  ...messageMirrors,
  ...failoverMirrors,
  ...rabbitmqMirrors,
  ...redisMirrors,
}

/** Tests that should have a mirror and have none. */
export function unmirrored(
  tests: readonly KombuTest[] = kombuTests,
  known: Mirrors = mirrors,
): readonly KombuTest[] {
  return tests.filter(({ name, outside }) => outside === undefined && !Object.hasOwn(known, name))
}
