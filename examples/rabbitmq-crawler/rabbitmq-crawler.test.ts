import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Connection, Queue } from '@dashi/messaging'
import { describe, expect, test } from 'vitest'
import { findPython } from '../../tests/interop/python.ts'
import type { Program } from '../testing/program.ts'
import { openRabbitmqStage, type RabbitmqStage } from '../testing/rabbitmq-stage.ts'
import { printedBy } from '../testing/transcript.ts'

const readme = (command: string) => printedBy(import.meta.dirname, command)
const lists = readme('list http://localhost:8000/list/1')
const details = readme('detail')

type Skip = (reason: string) => never

const languages = ['TypeScript', 'Python'] as const
type Language = (typeof languages)[number]

function crawl(stage: RabbitmqStage, language: Language, { skip, args }: CrawlOptions): Program {
  if (language === 'TypeScript') return stage.run('rabbitmq-crawler/crawl.ts', ...args)
  const python = findPython('kombu56')
  return stage.runPython(python.path ?? skip(python.reason), 'rabbitmq-crawler/crawl.py', ...args)
}

interface CrawlOptions {
  readonly skip: Skip
  readonly args: readonly string[]
}

async function openSite(stage: RabbitmqStage): Promise<{ site: Program; first: string }> {
  const site = stage.runWith('rabbitmq-crawler/site.ts', '0')
  const [first] = await site.waitFor(/http:\S+/)
  return { site, first }
}

describe.each(languages)('lists by %s', (lister) => {
  test.for(languages)('details by %s', async (detailer, { skip }) => {
    await using stage = await openRabbitmqStage(skip)
    const { site, first } = await openSite(stage)
    await using _site = site
    await using detail = crawl(stage, detailer, { skip, args: ['detail'] })
    await detail.waitFor(/waiting/)
    await using list = crawl(stage, lister, { skip, args: ['list', first] })
    await list.prints(lists)
    await detail.prints(details)
  })
})

test('the page of a crawler that is killed goes to another one', async ({ skip }) => {
  await using stage = await openRabbitmqStage(skip)
  await using site = await siteThatHangsOnce()
  await using detail = crawl(stage, 'TypeScript', { skip, args: ['detail'] })
  await detail.waitFor(/waiting/)
  await using killed = crawl(stage, 'Python', { skip, args: ['list', site.page] })
  await site.asked
  await using other = crawl(stage, 'TypeScript', { skip, args: ['list'] })
  await other.waitFor(/waiting/)
  await killed.kill()
  await other.waitFor(/put detail \/late\n/)
  await detail.waitFor(/got Late\n/)
})

test('a page that cannot be downloaded is set aside, and the crawler goes on', async ({ skip }) => {
  await using stage = await openRabbitmqStage(skip)
  const { site, first } = await openSite(stage)
  await using _site = site
  await using detail = crawl(stage, 'TypeScript', { skip, args: ['detail'] })
  await detail.waitFor(/waiting/)
  const missing = new URL('/none', first).href
  await using lister = crawl(stage, 'TypeScript', { skip, args: ['list', missing] })
  await using connection = new Connection(stage.url)
  for await (const message of connection.consume(new Queue('dashi.quarantine'))) {
    expect(message.payload).toBe(missing)
    expect(JSON.stringify(message.headers)).toContain('answers 404')
    message.ack()
    break
  }
  await using _again = crawl(stage, 'Python', { skip, args: ['list', first] })
  await detail.waitFor(/got The third book/)
  expect(lister.output).toContain('waiting')
})

interface HangingSite extends AsyncDisposable {
  readonly page: string
  /** Resolves when somebody has begun to wait for the page. */
  readonly asked: Promise<void>
}

async function siteThatHangsOnce(): Promise<HangingSite> {
  const asked = Promise.withResolvers<void>()
  let count = 0
  const server = createServer((_request, response) => {
    count += 1
    if (count === 1) asked.resolve()
    else response.end('<title>Late</title><a class="detail" href="/late">late</a>')
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  // A server on a port has such an address; it is text only on a pipe.
  const { port } = server.address() as AddressInfo
  return {
    page: `http://127.0.0.1:${port}/list`,
    asked: asked.promise,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
