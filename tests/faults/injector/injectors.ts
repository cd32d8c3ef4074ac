/** The faults of each scenario. */
import { setTimeout } from 'node:timers/promises'
import type { Scenario } from '../fault-plan.ts'
import type { BrokerControl } from '../subjects/subject.ts'
import { busyConsumer, fault, type Injector, randomMoment, type Stage } from './stage.ts'

export const injectors: Readonly<Record<Scenario, Injector>> = {
  'consumer-kill': (stage) => times(stage, killConsumer),
  'consumer-close': (stage) => times(stage, closeConsumer),
  'consumer-pause': (stage) => times(stage, pauseConsumer),
  'publisher-kill': (stage) => times(stage, killPublisher),
  'broker-kill': (stage) => times(stage, killBroker),
  'broker-pause': (stage) => times(stage, pauseBroker),
  'broker-oom': (stage) => times(stage, fillMemory),
}

async function times(stage: Stage, happen: (stage: Stage) => Promise<void>): Promise<void> {
  for (let count = 0; count < stage.plan.kills; count += 1) {
    await randomMoment(stage)
    await happen(stage)
  }
}

async function killConsumer(stage: Stage): Promise<void> {
  const victim = await busyConsumer(stage)
  await fault(stage, { kind: 'kill', target: victim.name }, () => victim.kill())
  await stage.company.replace('consumer', victim)
}

async function closeConsumer(stage: Stage): Promise<void> {
  const victim = await busyConsumer(stage)
  await fault(stage, { kind: 'close', target: victim.name }, async () => {
    await victim.close()
  })
  await stage.company.replace('consumer', victim)
}

/** Stops it for longer than its lease, so that it wakes up holding what is no longer its own. */
async function pauseConsumer(stage: Stage): Promise<void> {
  const victim = await busyConsumer(stage)
  const pauseMs = stage.plan.leaseMs * (2 + stage.random() * 2)
  await fault(stage, { kind: 'pause', target: victim.name }, async () => {
    victim.signal('SIGSTOP')
    await setTimeout(pauseMs, undefined, { signal: stage.signal })
    victim.signal('SIGCONT')
  })
}

async function killPublisher(stage: Stage): Promise<void> {
  const { company, random } = stage
  const victim = company.publishers[Math.floor(random() * company.publishers.length)]
  if (victim === undefined) throw new Error('There is no publisher to kill')
  await fault(stage, { kind: 'kill', target: victim.name }, () => victim.kill())
  await company.replace('publisher', victim)
}

const longestOutageMs = 2_000

async function killBroker(stage: Stage): Promise<void> {
  const broker = brokerOf(stage)
  await fault(stage, { kind: 'kill', target: 'broker' }, async () => {
    await broker.kill()
    await setTimeout(stage.random() * longestOutageMs, undefined, { signal: stage.signal })
    await broker.start()
  })
  await broker.heal?.()
}

async function pauseBroker(stage: Stage): Promise<void> {
  const broker = brokerOf(stage)
  await fault(stage, { kind: 'pause', target: 'broker' }, async () => {
    broker.pause()
    await setTimeout(stage.random() * 2 * longestOutageMs, undefined, { signal: stage.signal })
    await broker.resume()
  })
  await broker.heal?.()
}

const fullMs = 3_000

async function fillMemory(stage: Stage): Promise<void> {
  const broker = brokerOf(stage)
  await fault(stage, { kind: 'oom', target: 'broker' }, async () => {
    await broker.limitMemory(true)
    await setTimeout(fullMs, undefined, { signal: stage.signal })
    await broker.limitMemory(false)
  })
}

function brokerOf({ subject }: Stage): BrokerControl {
  if (subject.broker === undefined) throw new Error('This subject has no broker of its own')
  return subject.broker
}
