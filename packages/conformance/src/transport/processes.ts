/** Taken means held, by a process: killed, blocked, or gone in peace. */
import { type Case, type CaseGroup, full, type Subject } from '../case.ts'
import { Child } from '../process/child-process.ts'
import type { ProcessAccess } from '../setup.ts'

export const processCases: CaseGroup = {
  name: 'processes',
  cases: (subject) => {
    const { process } = subject.setup
    if (process === undefined) return []
    return [
      leaving,
      ...(subject.capabilities.durability === 'none' ? [] : [surviving]),
      ...(subject.capabilities.leases ? leased(process) : [unleased(subject)]),
    ]
  },
}

const leaving = full('a process that closes its connection ends by itself', async (stage) => {
  const queue = stage.queue()
  const child = Child.start(stage, { queue: queue.name, task: { name: 'leave' } })
  stage.forgetQueueAtEnd(`${queue.name}.broadcasts`)
  stage.expect(await child.answer()).toEqual({ kind: 'left' })
  stage.expect(await child.end(3_000)).toBe(0)
})

const surviving = full('what a process published before it was killed is there', async (stage) => {
  const queue = stage.queue()
  const task = { name: 'publish', count: 200 } as const
  const child = Child.start(stage, { queue: queue.name, task })
  stage.expect(await child.answer()).toEqual({ kind: 'published' })
  await child.kill()
  const connection = stage.connect()
  await stage.declare(connection, queue)
  stage.expect((await stage.drain(connection, queue)).length).toBe(200)
})

function leased({ recoveryMs }: ProcessAccess): readonly Case[] {
  const patienceMs = recoveryMs + 5_000
  return [
    full(
      'what a killed process held is delivered to others, marked, in order',
      async (stage) => {
        const queue = stage.queue()
        const connection = stage.connect()
        await stage.send(connection, queue, [1, 2, 3, 4, 5])
        const task = { name: 'hold', count: 3 } as const
        const child = Child.start(stage, { queue: queue.name, task })
        stage.expect(await child.answer()).toEqual({ kind: 'held', bodies: [1, 2, 3] })

        const { inbox } = await stage.consume(connection, queue, { settle: (m) => m.ack() })
        await inbox.arrived(2)
        stage.expect(inbox.bodies).toEqual([4, 5])
        await child.kill()
        await inbox.arrived(5, patienceMs)
        stage.expect(inbox.bodies.slice(2)).toEqual([1, 2, 3])
        const again = inbox.messages.slice(2)
        stage.expect(again.map((message) => message.redelivered)).toEqual([true, true, true])
        await inbox.staysAt(5)
      },
      patienceMs + 20_000,
    ),

    full(
      'what a process holds while its event loop is blocked stays its own',
      async (stage) => {
        const queue = stage.queue()
        const connection = stage.connect()
        await stage.send(connection, queue, [1, 2])
        const task = { name: 'block', count: 2, blockMs: recoveryMs + 1_000 } as const
        const child = Child.start(stage, { queue: queue.name, task })
        stage.expect(await child.answer()).toEqual({ kind: 'held', bodies: [1, 2] })
        const { inbox } = await stage.consume(connection, queue)
        stage.expect(await child.answer(recoveryMs + 11_000)).toEqual({ kind: 'settled' })
        await inbox.staysAt(0)
        stage.expect(await stage.count(connection, queue)).toBe(0)
      },
      recoveryMs + 31_000,
    ),
  ]
}

function unleased({ capabilities }: Subject): Case {
  return full('what a killed process held is not delivered again, as declared', async (stage) => {
    const queue = stage.queue()
    const connection = stage.connect()
    await stage.send(connection, queue, [1, 2])
    const child = Child.start(stage, { queue: queue.name, task: { name: 'hold', count: 1 } })
    await child.answer()
    await child.kill()
    stage.expect(capabilities.leases).toBe(false)
    stage.expect(await stage.drain(connection, queue)).toEqual([2])
  })
}
