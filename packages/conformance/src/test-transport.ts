/** The suite for transports. */
import type { Case, CaseGroup, Subject } from './case.ts'
import type { Expect, Runner } from './runner.ts'
import type { TransportSetup } from './setup.ts'
import { Janitor } from './stage/janitor.ts'
import { Stage } from './stage/stage.ts'
import { transportGroups } from './transport/groups.ts'

/** Cases of one verb, chosen for one transport. */
export interface ChosenGroup {
  readonly name: string
  readonly cases: readonly Case[]
}

/**
 * Registers the suite with a test runner. Every case uses names of its own and cleans up; both answers of each capability are
 * tested, so nothing is ever skipped.
 *
 * @example
 * testTransport({ describe, test, expect }, { name: 'example', create: () => example({ port: 7000 }) })
 */
export function testTransport(runner: Runner, setup: TransportSetup): void {
  const subject = subjectOf(setup)
  const janitor = new Janitor(setup)
  runner.describe(`transport ${setup.name}`, () => {
    runner.afterAll?.(() => janitor[Symbol.asyncDispose]())
    for (const group of casesFor(subject)) {
      runner.describe(group.name, () => {
        for (const one of group.cases) {
          const run = () =>
            runner.afterAll
              ? runOnStage(one, new Stage(subject, { expect: runner.expect, janitor }))
              : runCase(one, subject, runner.expect)
          runner.test(one.name, run, one.timeoutMs)
        }
      })
    }
  })
}

/** The transport with what it says it can do. */
export function subjectOf(setup: TransportSetup): Subject {
  const { capabilities } = setup.create()
  if (capabilities.leases && setup.only !== 'core' && setup.process === undefined) {
    throw new TypeError(
      `Transport "${setup.name}" declares leases: true. Give the suite "process", so that it can kill one that holds messages`,
    )
  }
  return { setup, capabilities }
}

/** The cases that a transport has to pass, by verb. */
export function casesFor(subject: Subject): readonly ChosenGroup[] {
  const isWanted = (one: Case) => subject.setup.only !== 'core' || one.isCore
  return transportGroups
    .map((group: CaseGroup) => ({
      name: group.name,
      cases: group.cases(subject).filter(isWanted),
    }))
    .filter((group) => group.cases.length > 0)
}

/** Runs one case, cleaned up afterwards. */
export async function runCase(one: Case, subject: Subject, expect: Expect): Promise<void> {
  await using janitor = new Janitor(subject.setup)
  await runOnStage(one, new Stage(subject, { expect, janitor }))
}

async function runOnStage(one: Case, stage: Stage): Promise<void> {
  await using opened = stage
  await one.run(opened)
}
