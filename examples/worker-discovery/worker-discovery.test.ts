import { describe, expect, test } from 'vitest'
import { findPython, kombuReleases } from '../../tests/interop/python.ts'
import { brokerNames, openStage } from '../testing/stage.ts'
import { printedBy } from '../testing/transcript.ts'

const readme = (command: string) => printedBy(import.meta.dirname, command)
const folder = 'worker-discovery'

describe.each(brokerNames)('worker discovery on %s', (broker) => {
  test('by hand: a worker is discovered, and dropped when it is silent', async ({ skip }) => {
    await using stage = await openStage(broker, skip)
    await using proxy = stage.run(`${folder}/proxy.ts`, '1.5')
    await proxy.waitFor(/listening/)
    await using worker = stage.run(`${folder}/worker.ts`, '0.3')
    await worker.prints(readme('worker.ts'))
    await proxy.waitFor(/Current Online: \[127\.0\.0\.1\]/)
    await worker.kill()
    await proxy.prints(readme('proxy.ts'))
    await proxy.kill('SIGINT')
    expect(proxy.output).toMatch(/Exit\.\n$/)
  })

  test('with announce: the worker answers calls and says goodbye', async ({ skip }) => {
    await using stage = await openStage(broker, skip)
    await using proxy = stage.run(`${folder}/gpu-proxy.ts`)
    await proxy.waitFor(/listening/)
    await using worker = stage.run(`${folder}/gpu-worker.ts`)
    await proxy.waitFor(/failed to do/)
    await worker.kill('SIGINT')
    await worker.printsNothingBut(readme('gpu-worker.ts'))
    await proxy.prints(readme('gpu-proxy.ts'))
    await proxy.kill('SIGINT')
    expect(await proxy.ended).toBe(0)
  })

  test('with announce: a killed worker is dropped in time', async ({ skip }) => {
    await using stage = await openStage(broker, skip)
    await using worker = stage.run(`${folder}/gpu-worker.ts`, '10.0.0.7', '0.3')
    await worker.waitFor(/offers/)
    await using proxy = stage.run(`${folder}/gpu-proxy.ts`, '1.5')
    await proxy.waitFor(/failed to do/)
    await worker.kill()
    await proxy.waitFor(/Worker 10\.0\.0\.7 left \(timeout\)\nCurrent Online: \[\]/)
  })

  test('by hand and with announce understand each other', async ({ skip }) => {
    await using stage = await openStage(broker, skip)
    await using proxy = stage.run(`${folder}/proxy.ts`)
    await proxy.waitFor(/listening/)
    await using gpuProxy = stage.run(`${folder}/gpu-proxy.ts`)
    await gpuProxy.waitFor(/listening/)
    await using _worker = stage.run(`${folder}/worker.ts`)
    await using _gpuWorker = stage.run(`${folder}/gpu-worker.ts`, '10.0.0.7')
    await proxy.waitFor(/worker: 127\.0\.0\.1\n/)
    await proxy.waitFor(/worker: 10\.0\.0\.7\n/)
    await gpuProxy.waitFor(/worker: 127\.0\.0\.1 offers \[\]\n/)
    await gpuProxy.waitFor(/The length of \[3, 4\] is 5\n/)
  })

  test('every way of declaring is right or refused', async ({ skip }) => {
    await using stage = await openStage(broker, skip)
    await using program = stage.run(`${folder}/declare.ts`)
    const command = broker === 'redis' ? 'declare.ts redis://localhost:6379' : 'declare.ts'
    await program.printsNothingBut(readme(command))
  })
})

describe.each(kombuReleases)('the Python programs with %s', (release) => {
  const peers = '../tests/interop/peers'

  test('worker.py is discovered by both proxies', async ({ skip }) => {
    const python = findPython(release).path ?? skip(findPython(release).reason)
    await using stage = await openStage('redis', skip)
    await using proxy = stage.run(`${folder}/proxy.ts`)
    await using gpuProxy = stage.run(`${folder}/gpu-proxy.ts`)
    await Promise.all([proxy.waitFor(/listening/), gpuProxy.waitFor(/listening/)])
    await using _worker = stage.runPython(python, `${peers}/seed0_worker.py`)
    await proxy.waitFor(/Discovered\/Updated worker: 127\.0\.0\.1\n/)
    await gpuProxy.waitFor(/Discovered worker: 127\.0\.0\.1 offers \[\]\n/)
  })

  test('proxy.py discovers both workers', async ({ skip }) => {
    const python = findPython(release).path ?? skip(findPython(release).reason)
    await using stage = await openStage('redis', skip)
    await using proxy = stage.runPython(python, `${peers}/seed0_proxy.py`)
    await proxy.waitFor(/listening/)
    await using _worker = stage.run(`${folder}/worker.ts`)
    await using _gpuWorker = stage.run(`${folder}/gpu-worker.ts`, '10.0.0.7')
    await proxy.waitFor(/Discovered\/Updated worker: 127\.0\.0\.1\n/)
    await proxy.waitFor(/Discovered\/Updated worker: 10\.0\.0\.7\n/)
  })
})
