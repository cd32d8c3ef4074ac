/**
 * A worker process of the demo: takes jobs from the queues of its capabilities until it is stopped.
 *
 * A job is acknowledged when what came of it is stored in the next queue; a worker that is killed in
 * between leaves it to the others.
 */
import { setTimeout as pause } from 'node:timers/promises'
import { announce, Connection, type Message, type Queue } from '@dashi/messaging'
import { fetchPage } from '../crawl/fetch-page.ts'
import type { PageResult } from '../crawl/frontier.ts'
import { extractLinks } from '../crawl/links.ts'
import {
  type Answer,
  crewQueues,
  discoveryExchange,
  heartbeatMs,
  isFetchJob,
  isParseJob,
  type WorkerTask,
} from './jobs.ts'

/** Jobs that wait with a worker while it does one. */
const prefetchCount = 4

// Written by the coordinator, in `worker-process.ts`.
const task: WorkerTask = JSON.parse(process.argv[2] ?? '')
const queues = crewQueues(task.run)
const stop = new AbortController()
const connection = new Connection(task.broker)
const producer = connection.producer()

async function send(queue: Queue, body: object): Promise<void> {
  await producer.publish(body, { routingKey: queue.name, declare: [queue], compression: 'zlib' })
}

async function fetchJob({ payload, signal }: Message): Promise<void> {
  if (!isFetchJob(payload)) throw new TypeError('This is no job to fetch a page')
  const { url } = payload
  const page = await fetchPage(url, {
    limits: task.limits,
    worker: task.name,
    signal: AbortSignal.any([signal, stop.signal]),
  })
  if (page.outcome.kind === 'fetched') await send(queues.parse, { url, page })
  else await tellResult({ url, outcome: page.outcome, sameOrigin: [], external: [] })
  await pause(task.pauseMs)
}

async function parseJob({ payload }: Message): Promise<void> {
  if (!isParseJob(payload)) throw new TypeError('This is no job to parse a page')
  const { url, page } = payload
  const { sameOrigin, external } = extractLinks(page.html, page.url)
  await tellResult({ url, outcome: page.outcome, sameOrigin, external })
}

async function tellResult(result: PageResult): Promise<void> {
  const answer: Answer = { worker: task.name, result }
  await send(queues.answers, answer)
}

const handlers = { fetch: fetchJob, parse: parseJob }

/** False when the message is to go back, or has gone back already: to be done by somebody else. */
async function isDone(
  message: Message,
  handle: (message: Message) => Promise<void>,
): Promise<boolean> {
  try {
    await handle(message)
    return true
  } catch (error) {
    if (stop.signal.aborted || message.signal.aborted) return false
    throw error
  }
}

async function work(): Promise<void> {
  const streams = task.capabilities.map((capability) => ({
    stream: connection.consume(queues[capability], { prefetchCount, signal: stop.signal }),
    handle: handlers[capability],
  }))
  await Promise.all(streams.map(({ stream }) => stream.start()))
  const { name: ip, capabilities } = task
  const exchange = discoveryExchange(task.run)
  await using _ = await announce(connection, { ip, capabilities, heartbeatMs, exchange })
  await Promise.all(
    streams.map(async ({ stream, handle }) => {
      for await (const message of stream) if (await isDone(message, handle)) message.ack()
    }),
  )
}

process.on('SIGTERM', () => stop.abort())
// An interrupt is for the coordinator, which ends us in order.
process.on('SIGINT', () => undefined)
process.on('disconnect', () => stop.abort())
try {
  await work()
} finally {
  await connection.close()
  process.disconnect?.()
}
