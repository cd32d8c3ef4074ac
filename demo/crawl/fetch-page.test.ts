import { createServer, type RequestListener } from 'node:http'
import { afterEach, expect, test } from 'vitest'
import { type FetchOptions, fetchPage } from './fetch-page.ts'

const closers: (() => void)[] = []
afterEach(() => {
  for (const close of closers.splice(0)) close()
})

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener)
  const { promise, resolve } = Promise.withResolvers<void>()
  server.listen(0, '127.0.0.1', resolve)
  await promise
  closers.push(() => {
    server.close()
    server.closeAllConnections()
  })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return `http://127.0.0.1:${address.port}/`
}

const options: FetchOptions = { limits: { timeoutMs: 2_000, maxBytes: 100 }, worker: 'one' }

test('fetchPage() gives the page with its size, decoded by its charset', async () => {
  const url = await serve((_request, response) => {
    response.setHeader('content-type', 'text/html; charset=ISO-8859-1')
    response.end(Buffer.from('<p>caf\u00e9</p>', 'latin1'))
  })
  expect(await fetchPage(url, options)).toEqual({
    outcome: { kind: 'fetched', bytes: 11, worker: 'one' },
    url,
    html: '<p>café</p>',
  })
})

test('fetchPage() follows redirects within the site and reports those that leave it', async () => {
  const other = await serve((_request, response) => response.end('other'))
  const url = await serve((request, response) => {
    response.setHeader('content-type', 'text/html')
    if (request.url === '/leave') response.writeHead(302, { location: other })
    if (request.url === '/moved') response.writeHead(301, { location: '/here' })
    response.end('x')
  })
  expect(await fetchPage(`${url}moved`, options)).toMatchObject({ url: `${url}here`, html: 'x' })
  expect((await fetchPage(`${url}leave`, options)).outcome).toEqual({ kind: 'external' })
})

test.each([
  [404, { kind: 'not-found', status: 404 }],
  [410, { kind: 'not-found', status: 410 }],
  [503, { kind: 'failed', reason: 'status 503 Service Unavailable' }],
])('fetchPage() takes status %i for what it says', async (status, outcome) => {
  const url = await serve((_request, response) => response.writeHead(status).end())
  expect((await fetchPage(url, options)).outcome).toEqual(outcome)
})

test('fetchPage() does not read what is no HTML', async () => {
  const url = await serve((request, response) => {
    if (request.url === '/none') response.end('x')
    else response.writeHead(200, { 'content-type': 'image/png' }).write('endless')
  })
  expect((await fetchPage(url, options)).outcome).toEqual({
    kind: 'not-html',
    contentType: 'image/png',
  })
  expect((await fetchPage(`${url}none`, options)).outcome).toEqual({
    kind: 'not-html',
    contentType: 'none',
  })
})

test('fetchPage() stops at the size limit', async () => {
  const url = await serve((request, response) => {
    response.setHeader('content-type', 'text/html')
    // Never ends by itself beyond the limit.
    if (request.url === '/101') response.write('x'.repeat(101))
    else response.end('x'.repeat(100))
  })
  expect((await fetchPage(`${url}100`, options)).outcome.kind).toBe('fetched')
  expect((await fetchPage(`${url}101`, options)).outcome).toEqual({
    kind: 'too-large',
    limitBytes: 100,
  })
})

test('fetchPage() gives up at its deadline, and says so', async () => {
  const url = await serve((_request, response) => {
    response.setHeader('content-type', 'text/html')
    response.write('begins, and never ends')
  })
  const limits = { timeoutMs: 50, maxBytes: 100 }
  expect((await fetchPage(url, { ...options, limits })).outcome).toEqual({
    kind: 'failed',
    reason: 'no answer within 50 ms',
  })
})

test('fetchPage() names the reason when nobody listens', async () => {
  const url = await serve((_request, response) => response.end())
  closers.splice(0).forEach((close) => {
    close()
  })
  expect((await fetchPage(url, options)).outcome).toMatchObject({
    kind: 'failed',
    reason: expect.stringContaining('ECONNREFUSED'),
  })
})

test('fetchPage() rejects with the reason of its signal', async () => {
  const url = await serve(() => undefined)
  const reason = new Error('enough')
  await expect(fetchPage(url, { ...options, signal: AbortSignal.abort(reason) })).rejects.toBe(
    reason,
  )
})
