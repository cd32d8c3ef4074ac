/** One measurement of one contender, in this process. Started by `measurement.ts`; the last line printed is the result. */
import type { MakeContender } from './contender.ts'

/** What to measure. */
export interface Workload {
  readonly kind: 'publish' | 'drain'
  readonly count: number
  readonly concurrency: number
  /** Whether the broker writes messages to the disk, where that is the publisher's choice. Default true. */
  readonly isPersistent?: boolean
}

/** What came out. CPU is this process's, user and system. */
export interface Measurement {
  readonly perSecond: number
  readonly cpuMicrosPerMessage: number
}

/** The first tenth warms up, and does not count. */
const warmUp = 0.1

async function measure(make: MakeContender, url: string, workload: Workload): Promise<Measurement> {
  const contender = await make(url, workload)
  try {
    return workload.kind === 'publish'
      ? await measurePublish(contender, workload)
      : await measureDrain(contender, workload)
  } finally {
    await contender.close()
  }
}

type Made = Awaited<ReturnType<MakeContender>>

async function measurePublish(contender: Made, workload: Workload): Promise<Measurement> {
  const { count, concurrency } = workload
  await contender.publish(Math.ceil(count * warmUp), concurrency)
  const stop = start()
  await contender.publish(count, concurrency)
  return stop(count)
}

async function measureDrain(contender: Made, workload: Workload): Promise<Measurement> {
  const { count, concurrency } = workload
  const warmUpCount = Math.ceil(count * warmUp)
  await contender.publish(count + warmUpCount, 500)
  let settled = 0
  let stop = start()
  await contender.drain(count + warmUpCount, concurrency, () => {
    settled += 1
    if (settled === warmUpCount) stop = start()
  })
  return stop(count)
}

function start(): (count: number) => Measurement {
  const cpu = process.cpuUsage()
  const since = performance.now()
  return (count) => {
    const seconds = (performance.now() - since) / 1000
    const { user, system } = process.cpuUsage(cpu)
    return { perSecond: count / seconds, cpuMicrosPerMessage: (user + system) / count }
  }
}

const [contender = '', url = '', workload = ''] = process.argv.slice(2)
const { makeContender } = (await import(`./contenders/${contender}.ts`)) as {
  makeContender: MakeContender
}
const result = await measure(makeContender, url, JSON.parse(workload) as Workload)
process.stdout.write(`${JSON.stringify(result)}\n`, () => process.exit(0))
