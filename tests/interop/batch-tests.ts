/** A part of the run as tests: one for each batch. `npm run interop` is the whole. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Batch, outcomesOf } from './batch.ts'
import { brokerAddresses } from './broker-address.ts'
import { InteropRun } from './interop-run.ts'
import { type PrivateBrokers, privateBrokers } from './private-brokers.ts'
import { findPython } from './python.ts'

/** The newest release with us on an end, and ourselves alone. */
function isShort(name: string): boolean {
  return !name.includes('kombu52') && !name.includes('kombu56 > kombu56')
}

/** One of each lane in turn, so that those that run at the same time do not wait for each other. */
function interleaved(batches: readonly Batch[]): readonly Batch[] {
  const lanes = [...Map.groupBy(batches, ({ lane }) => lane).values()]
  const longest = Math.max(0, ...lanes.map(({ length }) => length))
  return Array.from({ length: longest }, (_, index) =>
    lanes.flatMap((lane) => lane[index] ?? []),
  ).flat()
}

/** Makes tests of the batches in their short form, on brokers that this file has for itself. */
export function testBatches(isWanted: (batch: Batch) => boolean): void {
  let brokers: PrivateBrokers | undefined
  let run: InteropRun | undefined
  const lanes = new Map<string, Promise<unknown>>()

  function inTurn(batch: Batch): Promise<readonly (string | undefined)[]> {
    const before = lanes.get(batch.lane)
    const outcomes = Promise.resolve(before).then(() => outcomesOf(batch))
    lanes.set(batch.lane, outcomes)
    return outcomes
  }

  beforeAll(async () => {
    brokers = await privateBrokers()
    run = new InteropRun(brokers.addresses, isShort)
  })

  afterAll(async () => {
    await run?.[Symbol.asyncDispose]()
    await brokers?.[Symbol.asyncDispose]()
  })

  // Names only: nothing is at these addresses.
  const nowhere = brokerAddresses({ redis: '', rabbitmq: '' }, '')
  const named = new InteropRun(nowhere, isShort).batches.filter(isWanted)
  test.concurrent.for(interleaved(named))('$name', async ({ name, broker }, { skip }) => {
    const reason = findPython('kombu56').reason ?? brokers?.missing(broker)
    if (reason !== undefined) skip(reason)
    const batch = run?.batches.find((one) => one.name === name)
    if (batch === undefined) throw new Error(`There is no batch ${name}`)
    const failures = (await inTurn(batch)).flatMap((failure, index) =>
      failure === undefined ? [] : [`${batch.trials[index]?.name}: ${failure}`],
    )
    expect(failures).toEqual([])
  })
}
