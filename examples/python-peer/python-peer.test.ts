import { describe, test } from 'vitest'
import { findPython, kombuReleases } from '../../tests/interop/python.ts'
import { brokerNames, openStage } from '../testing/stage.ts'
import { printedBy } from '../testing/transcript.ts'

const readme = (program: string) =>
  printedBy(import.meta.dirname, `${program} redis://localhost:6379/0`)

describe.each(brokerNames)('a Python peer on %s', (broker) => {
  test.for(kombuReleases)('%s consumes what TypeScript publishes', async (release, { skip }) => {
    const python = findPython(release).path ?? skip(findPython(release).reason)
    await using stage = await openStage(broker, skip)
    await using publisher = stage.run('python-peer/publish.ts')
    await publisher.printsNothingBut(readme('publish.ts'))
    await using consumer = stage.runPython(python, 'python-peer/consume.py')
    await consumer.printsNothingBut(readme('consume.py'))
  })

  test.for(kombuReleases)('TypeScript consumes what %s publishes', async (release, { skip }) => {
    const python = findPython(release).path ?? skip(findPython(release).reason)
    await using stage = await openStage(broker, skip)
    await using publisher = stage.runPython(python, 'python-peer/publish.py')
    await publisher.printsNothingBut(readme('publish.py'))
    await using consumer = stage.run('python-peer/consume.ts')
    await consumer.printsNothingBut(readme('consume.ts'))
  })
})
