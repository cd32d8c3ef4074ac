import { Connection, type Message } from '@dashi/messaging'
import { RabbitMQ } from './rabbit.ts'

const [url = 'amqp://guest:guest@localhost:5672', level = 'list', start] = process.argv.slice(2)

await using connection = new Connection(url)
const rabbit = new RabbitMQ(connection, {
  exchange: 'crawler',
  queueName: `crawler.${level}`,
  queueKey: level,
})

async function download(page: string): Promise<string> {
  const response = await fetch(page, { signal: AbortSignal.timeout(10_000) })
  if (!response.ok) throw new Error(`${page} answers ${response.status}`)
  return await response.text()
}

/** A page of a list leads to pages of both levels: downloaded, parsed, and put to be downloaded in turn. */
async function onList(page: unknown, message: Message): Promise<void> {
  const html = await download(String(page))
  for (const [, kind = '', link = ''] of html.matchAll(/<a class="(list|detail)" href="(.+?)">/g)) {
    await rabbit.rabbitPut(kind, new URL(link, String(page)).href)
    console.log(`put ${kind} ${link}`)
  }
  message.ack()
}

async function onDetail(page: unknown, message: Message): Promise<void> {
  const html = await download(String(page))
  console.log(`got ${/<title>(.*)<\/title>/.exec(html)?.[1]}`)
  message.ack()
}

await rabbit.rabbitGet(level === 'list' ? onList : onDetail)
console.log(`waiting for pages of level ${level}`)
if (start !== undefined) await rabbit.rabbitPut(level, start)

const interrupt = Promise.withResolvers<void>()
process.once('SIGINT', () => interrupt.resolve())
await interrupt.promise
