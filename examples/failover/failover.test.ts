import { describe, expect, test } from 'vitest'
import { type RedisServer, startRedis } from '../../tools/brokers/redis.ts'
import { UnavailableError } from '../../tools/services/broker.ts'
import { openStage } from '../testing/stage.ts'
import { printedBy } from '../testing/transcript.ts'

const readme = (command: string) => printedBy(import.meta.dirname, command)
type Skip = (reason: string) => never

async function redis(skip: Skip): Promise<RedisServer> {
  return await startRedis().catch((error: unknown) => {
    if (error instanceof UnavailableError) return skip(error.message)
    throw error
  })
}

const uri = ({ port }: RedisServer) => `redis://127.0.0.1:${port}/0`

describe('of a dead Redis and a file', () => {
  test('the file is taken', async ({ skip }) => {
    await using stage = await openStage('sqlite', skip)
    for (const name of ['connect', 'strategy', 'ensure', 'autoretry']) {
      await using program = stage.runWith(`failover/${name}.ts`)
      await program.printsNothingBut(readme(`${name}.ts`))
    }
  })

  test('what was published is consumed', async ({ skip }) => {
    await using stage = await openStage('sqlite', skip)
    await using ensure = stage.runWith('failover/ensure.ts')
    await ensure.printsNothingBut(readme('ensure.ts'))
    await using publish = stage.runWith('failover/publish.ts')
    await publish.printsNothingBut(readme('publish.ts'))
    await using consumer = stage.runWith('failover/drain-events.ts')
    await consumer.prints(readme('drain-events.ts'))
  })

  test.for(['consumer-service', 'consumer'])('%s consumes', async (name, { skip }) => {
    await using stage = await openStage('sqlite', skip)
    await using publisher = stage.runWith('failover/ensure.ts')
    expect(await publisher.ended).toBe(0)
    await using consumer = stage.runWith(`failover/${name}.ts`)
    await consumer.prints(readme(`${name}.ts`))
  })
})

describe('of two Redis servers', () => {
  test('the one that lives is taken, whichever comes first', async ({ skip }) => {
    await using stage = await openStage('sqlite', skip)
    await using dead = await redis(skip)
    await using alive = await redis(skip)
    await dead.process.kill()
    for (const urls of [`${dead.url};${alive.url}`, `${alive.url};${dead.url}`]) {
      await using connect = stage.runWith('failover/connect.ts', urls)
      await connect.printsNothingBut(`<Connection: ${uri(alive)}>\n`)
      await using strategy = stage.runWith('failover/strategy.ts', urls)
      const line = `<Connection: ${uri(alive)}>\n`
      await strategy.printsNothingBut(`[ 'round-robin', 'shuffle' ]\n${line}${line}${line}`)
      await using autoretry = stage.runWith('failover/autoretry.ts', urls)
      await autoretry.printsNothingBut(readme('autoretry.ts'))
    }
  })

  test('neither lives: ensure tells the errback until one is back', async ({ skip }) => {
    await using stage = await openStage('sqlite', skip)
    await using one = await redis(skip)
    await using other = await redis(skip)
    await Promise.all([one.process.kill(), other.process.kill()])
    await using program = stage.runWith('failover/ensure.ts', `${one.url};${other.url}`)
    await program.waitFor(/Retry in 1 seconds\.\n/)
    await other.process.start()
    await program.printsNothingBut(
      readme("ensure.ts 'redis://localhost:6398;redis://localhost:6399'"),
    )
    expect(program.output).toContain(`published to ${uri(other)}\n`)
  })

  test('one dies: publishing goes on with the other', async ({ skip }) => {
    await using stage = await openStage('sqlite', skip)
    await using one = await redis(skip)
    await using other = await redis(skip)
    await using publisher = stage.runWith('failover/publish.ts', `${one.url};${other.url}`, '1000')
    await publisher.waitFor(RegExp(`published 2 to ${uri(one)}\n`))
    await one.process.kill()
    const [, first] = await publisher.waitFor(RegExp(`published (\\d+) to ${uri(other)}\n`))
    await publisher.waitFor(RegExp(`published ${Number(first) + 1} to ${uri(other)}\n`))
    await publisher.kill()

    // Nothing is missing there but what the dead one has.
    await using consumer = stage.runWith('failover/consumer.ts', other.url)
    await consumer.waitFor(RegExp(`number: ${first} }\n.*number: ${Number(first) + 1} }\n`))
  })

  test.for(['drain-events', 'consumer', 'consumer-service'])(
    '%s: the one dies, then comes back and the other dies',
    async (name, { skip }) => {
      await using stage = await openStage('sqlite', skip)
      await using one = await redis(skip)
      await using other = await redis(skip)
      await using consumer = stage.runWith(`failover/${name}.ts`, `${one.url};${other.url}`)
      await consumer.waitFor(RegExp(`connected to ${uri(one)}\n`))
      await using first = stage.runWith('failover/publish.ts', one.url, '1')
      await consumer.waitFor(/number: 1 }\n/)
      await first.ended

      await one.process.kill()
      await consumer.waitFor(RegExp(`connected to ${uri(other)}\n`))
      await using second = stage.runWith('failover/publish.ts', other.url, '2')
      await consumer.waitFor(/number: 2 }\n/)
      await second.ended

      await one.process.start()
      await other.process.kill()
      await consumer.waitFor(RegExp(`${uri(other)}\n(.*\n)*connected to ${uri(one)}\n`))
      await using third = stage.runWith('failover/publish.ts', one.url, '3')
      await consumer.waitFor(/number: 3 }\n/)
      await third.ended
    },
  )

  test('the only one dies and comes back: the consumer goes on', async ({ skip }) => {
    await using stage = await openStage('sqlite', skip)
    await using only = await redis(skip)
    await using consumer = stage.runWith('failover/consumer.ts', only.url)
    await consumer.waitFor(/connected to /)
    await only.process.kill()
    await only.process.start()
    await consumer.waitFor(/connected to .*\n(.*\n)*connected to /)
    await using publisher = stage.runWith('failover/publish.ts', only.url, '1')
    await consumer.waitFor(/number: 1 }\n/)
    expect(await publisher.ended).toBe(0)
  })
})
