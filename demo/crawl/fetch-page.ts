/**
 * Fetches one page within limits, and says how it ended. Never throws for what a site does.
 */
import { TextDecoder } from 'node:util'
import type { Outcome } from './outcome.ts'

/** What a site may ask of us. */
export interface FetchLimits {
  /** Longest time for the whole page, redirects included. */
  readonly timeoutMs: number
  /** Largest body. */
  readonly maxBytes: number
}

/** A page, or why there is none. */
export interface FetchedPage {
  readonly outcome: Outcome
  /** Where the page was in the end, redirects followed. */
  readonly url: string
  /** Its text; empty unless `outcome` is `fetched`. */
  readonly html: string
}

/** Who asks, and until when. */
export interface FetchOptions {
  readonly limits: FetchLimits
  /** Name of the worker, for the account. */
  readonly worker: string
  readonly signal?: AbortSignal
}

/**
 * Fetches an HTML page of the site that `url` belongs to.
 *
 * @throws `signal.reason` if aborted first; nothing else.
 */
export async function fetchPage(url: string, options: FetchOptions): Promise<FetchedPage> {
  const deadline = AbortSignal.timeout(options.limits.timeoutMs)
  const signal = options.signal ? AbortSignal.any([options.signal, deadline]) : deadline
  try {
    const headers = { accept: 'text/html', 'user-agent': `dashi-demo (${options.worker})` }
    const response = await fetch(url, { headers, signal })
    const unwanted = reasonNotToRead(url, response)
    if (unwanted === undefined) return await readPage(response, options)
    await response.body?.cancel()
    return { outcome: unwanted, url: response.url, html: '' }
  } catch (error) {
    options.signal?.throwIfAborted()
    const reason = deadline.aborted
      ? `no answer within ${options.limits.timeoutMs} ms`
      : rootReason(error)
    return { outcome: { kind: 'failed', reason }, url, html: '' }
  }
}

function reasonNotToRead(url: string, response: Response): Outcome | undefined {
  if (new URL(response.url).origin !== new URL(url).origin) return { kind: 'external' }
  const { status } = response
  if (status === 404 || status === 410) return { kind: 'not-found', status }
  if (!response.ok) return { kind: 'failed', reason: `status ${status} ${response.statusText}` }
  const contentType = response.headers.get('content-type') ?? 'none'
  const isHtml = /^\s*(?:text\/html|application\/xhtml\+xml)\b/i.test(contentType)
  return isHtml ? undefined : { kind: 'not-html', contentType }
}

async function readPage(response: Response, options: FetchOptions): Promise<FetchedPage> {
  const { maxBytes } = options.limits
  const chunks: Uint8Array[] = []
  let bytes = 0
  // Leaving the loop early cancels the body.
  for await (const chunk of response.body ?? []) {
    bytes += chunk.byteLength
    if (bytes > maxBytes) {
      return { outcome: { kind: 'too-large', limitBytes: maxBytes }, url: response.url, html: '' }
    }
    chunks.push(chunk)
  }
  return {
    outcome: { kind: 'fetched', bytes, worker: options.worker },
    url: response.url,
    html: decoderOf(response).decode(Buffer.concat(chunks)),
  }
}

function decoderOf(response: Response): TextDecoder {
  const charset = /charset\s*=\s*"?([\w-]+)/i.exec(response.headers.get('content-type') ?? '')?.[1]
  try {
    return new TextDecoder(charset ?? 'utf-8')
  } catch (error) {
    // A charset that nobody knows is read as what nearly every page is.
    if (error instanceof RangeError) return new TextDecoder('utf-8')
    throw error
  }
}

/** `fetch` says only "fetch failed"; why is in its cause. */
function rootReason(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.cause === undefined ? error.message : rootReason(error.cause)
}
