/** What holds when several processes share the folders and are killed, whatever they are doing. */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, rmSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { type FilesystemOptions, filesystemSettings } from './filesystem-options.ts'
import { FilesystemSession } from './filesystem-session.ts'

const program = fileURLToPath(new URL('./testing/mover-program.ts', import.meta.url))
const count = 1_500
const kills = 12

/** Keeps movers running and kills one after every so many of its moves, a different number each time. */
class Movers {
  readonly #argument: string
  readonly #children = new Set<ChildProcess>()
  readonly #exits: Promise<unknown>[] = []
  killed = 0

  constructor(options: FilesystemOptions) {
    this.#argument = JSON.stringify(options)
  }

  start(): void {
    const child = fork(program, [this.#argument])
    this.#children.add(child)
    // All kills have to come before all is moved, whichever mover is the faster.
    let untilKill = 1 + ((this.#exits.length * 7) % 10)
    child.on('message', () => {
      untilKill -= 1
      if (untilKill === 0 && this.killed < kills) this.#kill(child)
    })
    this.#exits.push(once(child, 'exit').then(() => this.#replace(child)))
  }

  async stop(): Promise<void> {
    this.killed = kills
    const children = [...this.#children]
    this.#children.clear()
    for (const child of children) child.kill('SIGKILL')
    await Promise.all(this.#exits)
  }

  #kill(child: ChildProcess): void {
    this.killed += 1
    // At some moment of what it is doing by now.
    setTimeout(() => child.kill('SIGKILL'), this.killed % 4)
  }

  #replace(child: ChildProcess): void {
    if (this.#children.delete(child)) this.start()
  }
}

test('processes that are killed while they move messages lose none, and leave nothing', async () => {
  const root = await mkdtemp(join(tmpdir(), 'dashi-filesystem-kill-'))
  const data = join(root, 'data')
  const options = { dataFolderIn: data, dataFolderOut: data, controlFolder: join(root, 'control') }
  const settings = filesystemSettings({ ...options, leaseMs: 1_000, fsync: false })
  const session = await FilesystemSession.open(settings, { publishTimeoutMs: 10_000 })
  const movers = new Movers({ ...options, leaseMs: 1_000, fsync: false })
  try {
    const payload = (index: number) =>
      JSON.stringify({ index, headers: {}, properties: { delivery_info: {} } })
    await session.put(
      Array.from({ length: count }, (_, n) => ({ queue: 'in', payload: payload(n), priority: 0 })),
    )
    movers.start()
    movers.start()

    const seen = new Set<number>()
    let duplicates = 0
    while (seen.size < count) {
      const leases = await session.take({ queues: ['out'], limit: 100, noAck: true })
      if (leases.length === 0) await session.wait(['out'], AbortSignal.timeout(1_000))
      for (const lease of leases) {
        const { index } = JSON.parse(String(lease.payload))
        if (seen.has(index)) duplicates += 1
        seen.add(index)
      }
    }
    expect(movers.killed).toBe(kills)
    await movers.stop()
    // At most what a killed process had moved and not settled.
    expect(duplicates).toBeLessThanOrEqual(7 * (kills + 2))

    const others = () => readdirSync(join(data, '.dashi-held')).length - 1
    await expect.poll(others, { timeout: 10_000, interval: 100 }).toBe(0)
  } finally {
    await movers.stop()
    await session.close()
  }
  expect(readdirSync(join(data, '.dashi-held'))).toEqual([])
  rmSync(root, { recursive: true, force: true })
}, 60_000)
