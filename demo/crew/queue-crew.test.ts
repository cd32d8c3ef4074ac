import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type DemoOptions, parseCommandLine } from '../options.ts'
import { startQueueCrew } from './queue-crew.ts'

/** What is to be done with a request to `/slow/…`; set by the tests. */
let onSlow: (request: IncomingMessage, response: ServerResponse) => void

const server = createServer((request, response) => {
  response.setHeader('content-type', 'text/html')
  if (request.url?.startsWith('/slow/')) onSlow(request, response)
  else if (request.url === '/gone') response.writeHead(404).end()
  else response.end('<a href="/a#1">a</a> <a href="http://other.test/">other</a>')
})
let origin: string

beforeAll(async () => {
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  origin = `http://127.0.0.1:${address.port}`
})

afterAll(() => {
  server.close()
  server.closeAllConnections()
})

function optionsOf(...args: readonly string[]): DemoOptions {
  const parsed = parseCommandLine(args)
  if (parsed.kind !== 'run') throw new Error('these arguments are to be run')
  return parsed.options
}

test('a crew visits pages: one fetches, one parses, and the answer comes back', async () => {
  await using crew = await startQueueCrew(optionsOf('--workers', '2'))
  expect(await crew.visit(`${origin}/`)).toEqual({
    url: `${origin}/`,
    outcome: {
      kind: 'fetched',
      bytes: expect.any(Number),
      worker: expect.stringMatching(/^worker-/),
    },
    sameOrigin: [`${origin}/a`],
    external: ['http://other.test/'],
  })
  expect((await crew.visit(`${origin}/gone`)).outcome).toEqual({ kind: 'not-found', status: 404 })
  expect(crew.reports().map(({ name, capabilities }) => [name, capabilities])).toEqual([
    ['worker-1', ['fetch', 'parse']],
    ['worker-2', ['fetch']],
  ])
  expect(crew.reports().reduce((sum, { handled }) => sum + handled, 0)).toBe(2)
})

test('pages survive the worker that was killed with them', async () => {
  await using crew = await startQueueCrew(optionsOf('--workers', '2'))
  const news: string[] = []
  crew.onNews((line) => news.push(line))
  expect(crew.size).toBe(2)
  const held: ServerResponse[] = []
  const { promise: victimIsBusy, resolve } = Promise.withResolvers<void>()
  onSlow = (request, response) => {
    held.push(response)
    if (request.headers['user-agent']?.includes('worker-2')) resolve()
  }
  const urls = Array.from({ length: 12 }, (_, page) => `${origin}/slow/${page}`)
  const visits = urls.map((url) => crew.visit(url))
  await victimIsBusy
  expect(crew.kill()).toBe('worker-2')
  onSlow = (_request, response) => response.end('at once')
  for (const response of held) response.end('late')
  await crew.join()
  const results = await Promise.all(visits)
  expect(results.map(({ url }) => url)).toEqual(urls)
  for (const { outcome } of results) {
    expect(outcome).toMatchObject({ kind: 'fetched', worker: expect.stringMatching(/-[13]$/) })
  }
  expect(news).toEqual(
    expect.arrayContaining(['worker-2 left: timeout', 'worker-3 joined: fetch, parse']),
  )
  expect(crew.size).toBe(2)
  expect(crew.reports()[1]).toMatchObject({ name: 'worker-2', end: 'killed (SIGKILL)' })
}, 60_000)

test('a crew that is closed rejects what it did not do, and is gone', async () => {
  const crew = await startQueueCrew(optionsOf('--workers', '2'))
  const { promise: started, resolve } = Promise.withResolvers<void>()
  onSlow = () => resolve()
  const rejected = expect(crew.visit(`${origin}/slow/0`)).rejects.toThrow('the demo was stopped')
  await started
  await crew[Symbol.asyncDispose]()
  await rejected
  expect(crew.reports().map(({ end }) => end)).toEqual(['finished', 'finished'])
  await expect(crew.visit(`${origin}/`)).rejects.toThrow('the demo was stopped')
})

test('a broker that nobody else can reach is refused with the reason', async () => {
  await expect(startQueueCrew(optionsOf('--broker', 'memory://'))).rejects.toThrow(
    'it lives in one process',
  )
})
