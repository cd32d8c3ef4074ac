import { describe, expect, test } from 'vitest'
import { findPython, kombuReleases } from '../../tests/interop/python.ts'
import { brokerNames, openStage } from '../testing/stage.ts'
import { printedBy } from '../testing/transcript.ts'

const readme = (command: string) => printedBy(import.meta.dirname, command)

describe.each(brokerNames)('mailbox on %s', (broker) => {
  test.for(['direct', 'fanout'])(
    '%s: the node prints what the client tells',
    async (type, { skip }) => {
      await using stage = await openStage(broker, skip)
      await using node = stage.run('mailbox/node.ts', type)
      await node.waitFor(/Consumer Waiting/)
      await using client = stage.run('mailbox/client.ts', type)
      await client.printsNothingBut(readme('client.ts'))
      await node.prints(readme('node.ts'))
      await node.kill('SIGINT')
      expect(await node.ended).toBe(0)
    },
  )

  test('calls are answered', async ({ skip }) => {
    await using stage = await openStage(broker, skip)
    await using one = stage.run('mailbox/answering-node.ts', 'worker-1')
    await using two = stage.run('mailbox/answering-node.ts', 'worker-2')
    await one.prints(readme('answering-node.ts sqla+sqlite:///examples.db worker-1'))
    await two.prints(readme('answering-node.ts sqla+sqlite:///examples.db worker-2'))
    await using caller = stage.run('mailbox/call.ts')
    await caller.printsNothingBut(readme('call.ts'))
  })
})

describe.each(kombuReleases)('the Python programs with %s', (release) => {
  const peers = '../tests/interop/peers'

  test('node.ts hears client.py', async ({ skip }) => {
    const python = findPython(release).path ?? skip(findPython(release).reason)
    await using stage = await openStage('redis', skip)
    await using node = stage.run('mailbox/node.ts')
    await node.waitFor(/Consumer Waiting/)
    await using client = stage.runPython(python, `${peers}/seed2_client.py`)
    expect(await client.ended).toBe(0)
    await node.prints(readme('node.ts'))
  })

  test('node.py hears client.ts', async ({ skip }) => {
    const python = findPython(release).path ?? skip(findPython(release).reason)
    await using stage = await openStage('redis', skip)
    await using node = stage.runPython(python, `${peers}/seed2_node.py`)
    await node.waitFor(/Consumer Waiting/)
    await using client = stage.run('mailbox/client.ts')
    expect(await client.ended).toBe(0)
    await node.waitFor(/'method': 'print_msg', 'arguments': {'msg': 'Message for you'}/)
  })
})
