/**
 * The demo's site: the documentation of every installed package, served on loopback.
 */
import { createReadStream } from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { pipeline } from 'node:stream/promises'
import { answerTo, type SiteContent } from './content.ts'
import { findPackages, installedModulesFolder } from './packages.ts'

/** A running site. */
export interface Site {
  /** Address of the front page, ending in `/`. */
  readonly url: string
  /** HTML pages that the front page leads to, itself included. */
  readonly pageCount: number
  /** How often each path was asked for, percent-encoded as it came: the server's own account. */
  readonly requests: ReadonlyMap<string, number>
  /** Stops at once, open connections included. Idempotent. */
  close(): Promise<void>
}

/** Where the site comes from. */
export interface SiteOptions {
  /** Default: the `node_modules` of this repository. */
  readonly modulesFolder?: string
}

const contentTypes: Readonly<Record<string, string>> = {
  gif: 'image/gif',
  jpg: 'image/jpeg',
  js: 'text/javascript; charset=utf-8',
  json: 'application/json',
  mjs: 'text/javascript; charset=utf-8',
  png: 'image/png',
  svg: 'image/svg+xml',
  wasm: 'application/wasm',
}

/**
 * Serves the site on an ephemeral port of 127.0.0.1.
 *
 * @throws {Error} when nothing is installed, or no port is to be had.
 */
export async function startSite(options: SiteOptions = {}): Promise<Site> {
  const packages = await findPackages(options.modulesFolder ?? installedModulesFolder())
  const content = new Map(packages.map((entry) => [entry.name, entry]))
  const requests = new Map<string, number>()
  const server = createServer((request, response) => {
    const path = request.url?.split('?', 1)[0] ?? '/'
    requests.set(path, (requests.get(path) ?? 0) + 1)
    respond(content, request, response).catch((error: unknown) => fail(response, error))
  })
  const port = await listen(server)
  const documents = packages.reduce((total, entry) => total + entry.documents.length, 0)
  return {
    url: `http://127.0.0.1:${port}/`,
    pageCount: 1 + packages.length + documents,
    requests,
    close: () => stop(server),
  }
}

function listen(server: Server): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>()
  server.once('error', reject)
  server.listen(0, '127.0.0.1', () => {
    const address = server.address()
    if (address !== null && typeof address === 'object') resolve(address.port)
    else reject(new Error("Cannot serve the demo's site: the server has no port."))
  })
  return promise
}

function stop(server: Server): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  // The only error that `close` reports is that the server is closed already.
  server.close(() => resolve())
  server.closeAllConnections()
  return promise
}

async function respond(
  content: SiteContent,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.writeHead(405, { allow: 'GET, HEAD' }).end()
    return
  }
  const answer = await answerTo(content, request.url ?? '/')
  // A package's Markdown may hold any HTML; a browser shows it, and runs none of it.
  response.setHeader('content-security-policy', "default-src 'none'; img-src 'self'")
  if (answer.kind === 'html') {
    const body = Buffer.from(answer.html)
    response.writeHead(answer.status, {
      'content-type': 'text/html; charset=utf-8',
      'content-length': body.length,
    })
    response.end(body)
    return
  }
  response.writeHead(200, {
    'content-type': contentTypeOf(answer.path),
    'content-length': answer.sizeBytes,
  })
  if (request.method === 'HEAD') response.end()
  else await sendFile(answer.path, response)
}

async function sendFile(path: string, response: ServerResponse): Promise<void> {
  try {
    await pipeline(createReadStream(path), response)
  } catch (error) {
    // A client that saw the content type and went away is no fault of the site.
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    if (code !== 'ERR_STREAM_PREMATURE_CLOSE') throw error
  }
}

/** Says so with a status while that is possible; afterwards a cut connection is all that is left. */
function fail(response: ServerResponse, error: unknown): void {
  const reason = error instanceof Error ? error.message : String(error)
  if (response.headersSent) response.destroy()
  else response.writeHead(500, { 'content-type': 'text/plain; charset=utf-8' }).end(reason)
}

function contentTypeOf(path: string): string {
  const extension = /\.(\w+)$/.exec(path)?.[1]?.toLowerCase() ?? ''
  return contentTypes[extension] ?? 'text/plain; charset=utf-8'
}
