/** The suite for result stores. */
import type { Runner } from '../runner.ts'
import type { StoreCaseGroup } from './case.ts'
import { keepCases } from './keep.ts'
import { lifeCases } from './life.ts'
import { orderCases } from './order.ts'
import type { ResultStoreSetup } from './setup.ts'
import { StoreStage } from './store-stage.ts'
import { watchCases } from './watch.ts'

const groups: readonly StoreCaseGroup[] = [keepCases, orderCases, watchCases, lifeCases]
const timeoutMs = 30_000

/**
 * Registers the suite with a test runner. Every case uses ids of its own.
 *
 * @example
 * testResultStore({ describe, test, expect }, { name: 'memory', create: () => memoryResults(), expiry: 'cleanup' })
 */
export function testResultStore(runner: Runner, setup: ResultStoreSetup): void {
  runner.describe(`result store ${setup.name}`, () => {
    for (const group of groups) {
      runner.describe(group.name, () => {
        for (const one of group.cases(setup)) {
          const run = async () => {
            await using stage = new StoreStage(setup, runner.expect)
            await one.run(stage)
          }
          runner.test(one.name, run, timeoutMs)
        }
      })
    }
  })
}
