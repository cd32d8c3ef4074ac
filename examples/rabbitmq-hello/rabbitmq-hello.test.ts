import { expect, test } from 'vitest'
import { findPython, kombuReleases } from '../../tests/interop/python.ts'
import { openRabbitmqStage } from '../testing/rabbitmq-stage.ts'
import { printedBy } from '../testing/transcript.ts'

const url = 'amqp://guest:guest@localhost:5672'
const readme = (program: string) => printedBy(import.meta.dirname, `${program} ${url}`)

test.for(kombuReleases)('pika of %s receives what TypeScript sends', async (release, { skip }) => {
  const python = findPython(release).path ?? skip(findPython(release).reason)
  await using stage = await openRabbitmqStage(skip)
  await using sender = stage.run('rabbitmq-hello/send.ts')
  await sender.printsNothingBut(readme('send.ts'))
  await using receiver = stage.runPython(python, 'rabbitmq-hello/receive.py')
  await receiver.prints(readme('receive.py'))
})

test.for(kombuReleases)('TypeScript receives what pika of %s sends', async (release, { skip }) => {
  const python = findPython(release).path ?? skip(findPython(release).reason)
  await using stage = await openRabbitmqStage(skip)
  await using sender = stage.runPython(python, 'rabbitmq-hello/send.py')
  await sender.printsNothingBut(readme('send.py'))
  await using receiver = stage.run('rabbitmq-hello/receive.ts')
  await receiver.prints(readme('receive.ts'))
})

test('two receivers of two languages share the queue, text of any language included', async ({
  skip,
}) => {
  const python = findPython('kombu56').path ?? skip(findPython('kombu56').reason)
  await using stage = await openRabbitmqStage(skip)
  await using first = stage.run('rabbitmq-hello/receive.ts')
  await using second = stage.runPython(python, 'rabbitmq-hello/receive.py')
  await Promise.all([first.waitFor(/waiting/), second.waitFor(/waiting/)])
  for (const text of ['héllo 1', '你好 2']) {
    await using ours = stage.run('rabbitmq-hello/send.ts', text)
    await using theirs = stage.runPython(python, 'rabbitmq-hello/send.py', text)
    expect(await Promise.all([ours.ended, theirs.ended])).toEqual([0, 0])
  }
  // RabbitMQ deals in turns: two for each.
  const two = /received (héllo 1|你好 2)\nreceived (héllo 1|你好 2)\n/
  await Promise.all([first.waitFor(two), second.waitFor(two)])
  const all = [...`${first.output}${second.output}`.matchAll(/received (.*)/g)]
  expect(all.map(([, text]) => text).sort()).toEqual(['héllo 1', 'héllo 1', '你好 2', '你好 2'])
})
