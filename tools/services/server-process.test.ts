import { existsSync } from 'node:fs'
import { expect, test } from 'vitest'
import { isRunning, processRecord } from './process.ts'
import { recallNames } from './records.ts'
import { ServerProcess } from './server-process.ts'

// A server whose child would outlive it if only the server itself were signalled.
const script = `
  require('node:child_process').spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'])
  const hadData = require('node:fs').readdirSync('.').includes('data')
  require('node:fs').writeFileSync('data', '')
  console.log('ready', process.pid, hadData)
  setInterval(() => {}, 1000)`

function server(): ServerProcess {
  const one: ServerProcess = new ServerProcess({
    name: 'test',
    command: process.execPath,
    args: ['-e', script],
    isReady: () => one.log().includes(`ready ${one.record?.pid}`),
  })
  return one
}

test('a server that was killed starts again on the same folder', async () => {
  await using one = server()
  await one.start()
  const first = one.record
  await one.kill()
  expect(first && isRunning(first)).toBe(false)
  await one.start()
  expect(one.log()).toContain(`ready ${one.record?.pid} true`)
  expect(one.record?.pid).not.toBe(first?.pid)
})

test.each(['kill', 'stop'] as const)(
  'what a server has started is gone with it after %s()',
  async (end) => {
    // Large, so that the system is done with the shell long before.
    const large =
      'globalThis.all = Buffer.alloc(3e8, 1); setInterval(() => {}, 1000); console.log(process.pid, "up")'
    await using one = new ServerProcess({
      name: 'shell',
      command: 'sh',
      args: ['-c', `"$0" -e '${large}' & wait`, process.execPath],
      isReady: () => one.log().includes('up'),
    })
    await one.start()
    const child = processRecord(Number.parseInt(one.log(), 10))
    expect(child && isRunning(child)).toBe(true)
    await one[end]()
    expect(child && isRunning(child)).toBe(false)
  },
)

test('stop() removes the folder and the record, and may be called twice', async () => {
  const one = server()
  await one.start()
  const name = `private-${one.record?.pid}`
  expect(recallNames()).toContain(name)
  await one.stop()
  await one.stop()
  expect(existsSync(one.folder)).toBe(false)
  expect(recallNames()).not.toContain(name)
})

test('a server that ends at once says so, with its log', async () => {
  await using one = new ServerProcess({
    name: 'broken',
    command: process.execPath,
    args: ['-e', 'console.log("no configuration"); process.exit(3)'],
    isReady: () => false,
  })
  await expect(one.start()).rejects.toThrow(
    /Cannot start broken: it ended at once.*\n.*no configuration/s,
  )
})
