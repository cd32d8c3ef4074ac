/** Real disks that are full, files that nobody may read or that are cut: named, and the neighbours go on. */
import { execFile, execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { truncate } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { Connection } from '../connection.ts'
import { Queue } from '../entity/queue.ts'
import { filesystem } from './filesystem.ts'
import type { BoundedAnswer, BoundedOrders } from './testing/bounded-program.ts'

const isRoot = process.getuid?.() === 0
const nobody = 65_534
const queue = new Queue('q')
const program = fileURLToPath(new URL('./testing/bounded-program.ts', import.meta.url))
let folder: string
let data: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'dashi-filesystem-bad-'))
  data = join(folder, 'data')
})

afterEach(() => {
  rmSync(folder, { recursive: true, force: true })
})

function options() {
  const control = join(folder, 'control')
  return { dataFolderIn: data, dataFolderOut: data, controlFolder: control, leaseMs: 1_000 }
}

/** Makes the folders, for everybody. */
function openFolders(): void {
  for (const path of [folder, data, join(folder, 'control')]) {
    mkdirSync(path, { recursive: true })
    chmodSync(path, 0o777)
  }
}

/** Runs the program with fewer rights, and with files of at most so many KiB. */
async function runBounded(
  orders: Omit<BoundedOrders, 'options' | 'uid'>,
  maxFileKib: number | 'unlimited' = 'unlimited',
): Promise<BoundedAnswer> {
  const uid = isRoot ? nobody : undefined
  const argument = JSON.stringify({ options: options(), uid, ...orders })
  const shell = `ulimit -f ${maxFileKib}; trap '' XFSZ; exec "$0" "$@"`
  const args = ['-c', shell, process.execPath, '--conditions=@dashi/source', program, argument]
  const { stdout } = await promisify(execFile)('bash', args, { timeout: 25_000 })
  return JSON.parse(stdout)
}

const messageFiles = () => readdirSync(data).filter((name) => name.endsWith('.msg'))

// Mounting is the system administrator's.
test.runIf(isRoot)(
  'a full disk refuses what does not fit, keeps what it has, and is there when there is room',
  async () => {
    mkdirSync(data)
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'tmpfs', data])
    try {
      await using connection = new Connection(filesystem(options()))
      const producer = connection.producer()
      const publish = (body: string) => producer.publish(body, { routingKey: 'q' })
      await publish('small')
      const filler = 'x'.repeat(40_000)
      const outcomes = await Promise.allSettled(
        Array.from({ length: 20 }, (_, at) => publish(`${at} ${filler}`)),
      )
      const stored = outcomes.filter(({ status }) => status === 'fulfilled').length
      const reasons = outcomes.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []))
      expect(stored).toBeGreaterThan(0)
      expect(reasons.length).toBeGreaterThan(0)
      for (const reason of reasons) {
        expect(reason).toMatchObject({ code: 'REFUSED', name: 'PublishError' })
        expect(reason.message).toContain('full')
      }
      expect(messageFiles()).toHaveLength(stored + 1)

      const received: string[] = []
      for await (const message of connection.consume(queue)) {
        received.push(String(message.payload))
        message.ack()
        await message.settled()
        if (received.length === 1) await publish('after')
        if (received.length === stored + 2) break
      }
      expect(received[0]).toBe('small')
      expect(received.at(-1)).toBe('after')
    } finally {
      execFileSync('umount', ['-l', data])
    }
  },
)

test('a file that would be larger than the system allows is refused, and its neighbours are stored', async () => {
  openFolders()
  const { published, received } = await runBounded({ sizes: [10, 60_000, 20], count: 2 }, 16)
  expect(published).toEqual(['stored', expect.stringMatching(/^REFUSED: .*ulimit -f/), 'stored'])
  expect(received).toEqual([10, 20])
})

test('a folder that may not be read is refused by name', async () => {
  openFolders()
  chmodSync(data, 0o000)
  const { published } = await runBounded({ sizes: [1], count: 0 })
  expect(published).toEqual([expect.stringMatching(/^ACCESS_REFUSED: .*data.*owner and mode/)])
  chmodSync(data, 0o700)
})

test('a message that may not be read stays where it is, and its neighbours are delivered', async () => {
  openFolders()
  const connection = new Connection(filesystem(options()))
  for (const size of [1, 2, 3])
    await connection.producer().publish('x'.repeat(size), { routingKey: 'q' })
  await connection.close()
  const files = messageFiles().sort()
  for (const [at, name] of files.entries()) chmodSync(join(data, name), at === 1 ? 0o000 : 0o644)
  const held = join(data, '.dashi-held')
  chmodSync(held, 0o777)
  const { received, warnings } = await runBounded({ sizes: [], count: 2, untilWarned: true })
  expect(received).toEqual([1, 3])
  expect(warnings.join()).toMatch(/permission denied/)
  expect(messageFiles()).toEqual([files[1]])
})

test('a file that was cut is set aside with what is left of it, and its neighbours are delivered', async () => {
  await using connection = new Connection(filesystem(options()), { quarantineQueue: 'aside' })
  connection.on('warning', () => undefined)
  for (const body of ['first', 'second', 'third'])
    await connection.producer().publish(body, { routingKey: 'q' })
  const [, second = ''] = messageFiles().sort()
  const whole = readFileSync(join(data, second))
  await truncate(join(data, second), whole.length >> 1)
  const received: unknown[] = []
  for await (const message of connection.consume(queue)) {
    received.push(message.payload)
    message.ack()
    if (received.length === 2) break
  }
  expect(received).toEqual(['first', 'third'])
  const aside = await connection.defaultChannel.get('aside', { noAck: true })
  const half = whole.subarray(0, whole.length >> 1)
  expect(Buffer.from(aside?.rawBody ?? '').equals(half)).toBe(true)
})
