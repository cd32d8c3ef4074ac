import { describe, expect, test } from 'vitest'
import { type RedisServer, startRedis } from '../../tools/brokers/redis.ts'
import { UnavailableError } from '../../tools/services/broker.ts'
import { startProgram } from './printing-program.ts'
import { findPython, type KombuRelease, kombuReleases } from './python.ts'

type Skip = (reason: string) => never

function pythonOf(release: KombuRelease, skip: Skip): string {
  const { path, reason } = findPython(release)
  return path ?? skip(reason)
}

/** A server for each test: the names that the programs use are fixed. */
async function redisServer(skip: Skip): Promise<RedisServer> {
  try {
    return await startRedis()
  } catch (error) {
    if (error instanceof UnavailableError) return skip(error.message)
    throw error
  }
}

const pairs = kombuReleases.flatMap((one) => kombuReleases.map((other) => [one, other] as const))

// Most of what they do is sleep.
describe.concurrent('the programs that people have', () => {
  test.for(pairs)(
    'proxy.py with %s discovers worker.py with %s',
    async ([one, other], { skip }) => {
      await using redis = await redisServer(skip)
      const args = [redis.url]
      const python = pythonOf(one, skip)
      await using proxy = await startProgram({ python, program: 'seed0_proxy.py', args })
      await proxy.waitFor(/listening for heartbeats/)
      const worker = { python: pythonOf(other, skip), program: 'seed0_worker.py', args }
      await using _worker = await startProgram(worker)
      await proxy.waitFor(/\[\+\] Discovered\/Updated worker: 127\.0\.0\.1/)
      await proxy.waitFor(/Current Online: \['127\.0\.0\.1'\]/)
    },
  )

  test.for(pairs)('node.py with %s hears client.py with %s', async ([one, other], { skip }) => {
    await using redis = await redisServer(skip)
    const args = [redis.url]
    const python = pythonOf(one, skip)
    await using node = await startProgram({ python, program: 'seed2_node.py', args })
    await node.waitFor(/Consumer Waiting/)
    const caller = { python: pythonOf(other, skip), program: 'seed2_client.py', args }
    await using client = await startProgram(caller)
    expect(await client.ended).toBe(0)
    expect(await node.waitFor(/Message for you/)).toMatch(/^\{'method': 'print_msg'/)
  })

  test.for(kombuReleases)('the failover examples with %s work', async (release, { skip }) => {
    await using redis = await redisServer(skip)
    const python = pythonOf(release, skip)
    const urls = `redis://127.0.0.1:1/0;${redis.url}`
    const run = (example: string) =>
      startProgram({ python, program: 'seed1_failover.py', args: [example, urls] })
    for (const example of ['connect', 'strategy']) {
      const program = await run(example)
      expect(await program.ended).toBe(0)
      expect(program.lines.at(-1)).toContain(`127.0.0.1:${redis.port}`)
    }
    for (const example of ['ensure', 'autoretry', 'publish']) {
      const program = await run(example)
      expect([await program.ended, program.lines.at(-1)]).toEqual([0, expect.stringMatching(/ed$/)])
    }
    for (const example of ['consumer', 'mixin']) {
      await using program = await run(example)
      await (await run('publish')).ended
      await program.waitFor(/\{'hello': 'world'\}/)
    }
  })

  test.for(kombuReleases)('RedisMsg with %s calls back', async (release, { skip }) => {
    await using redis = await redisServer(skip)
    const python = pythonOf(release, skip)
    const args = [redis.url]
    await using program = await startProgram({ python, program: 'seed3_redis_msg.py', args })
    await program.waitFor(/'type': 'subscribe'.*b'channel1'/)
    await program.waitFor(/'type': 'pong'/)
    await program.waitFor(/这是频道1回调处理程序: .*'type': 'message'/)
    await program.waitFor(/这是频道2回调处理程序: .*'type': 'message'/)
    // It is told these two over different connections, so that either may be first.
    await Promise.all([
      program.waitFor(/'type': 'message'.*b'channel3'/),
      program.waitFor(/'type': 'unsubscribe'.*b'channel2'/),
    ])
  })
})
