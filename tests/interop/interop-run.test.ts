/** The run in a short form: one release, every broker. `npm run interop` is the whole. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { brokerAddresses } from './broker-address.ts'
import { InteropRun, outcomesOf } from './interop-run.ts'
import { type PrivateBrokers, privateBrokers } from './private-brokers.ts'
import { findPython } from './python.ts'

/** The newest release with us on the other end. */
function isShort(name: string): boolean {
  return (
    name.includes('kombu56') && !name.includes('kombu52') && !name.includes('kombu56 > kombu56')
  )
}

let brokers: PrivateBrokers | undefined
let run: InteropRun | undefined

beforeAll(async () => {
  brokers = await privateBrokers()
  run = new InteropRun(brokers.addresses, isShort)
})

afterAll(async () => {
  await run?.[Symbol.asyncDispose]()
  await brokers?.[Symbol.asyncDispose]()
})

/** Names only: nothing is at these addresses. */
const names = new InteropRun(brokerAddresses({ redis: '', rabbitmq: '' }, ''), isShort).batches

test.concurrent.for(names)('$name', async ({ name, broker }, { skip }) => {
  const reason = findPython('kombu56').reason ?? brokers?.missing(broker)
  if (reason !== undefined) skip(reason)
  const batch = run?.batches.find((one) => one.name === name)
  if (batch === undefined) throw new Error(`There is no batch ${name}`)
  const failures = (await outcomesOf(batch)).flatMap((failure, index) =>
    failure === undefined ? [] : [`${batch.trials[index]?.name}: ${failure}`],
  )
  expect(failures).toEqual([])
})
