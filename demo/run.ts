/**
 * The demo from the first line to the last: a site, a crew, a crawl with two incidents, an account.
 */
import { crawl } from './crawl/crawl.ts'
import { Ledger } from './crawl/ledger.ts'
import type { Crew, StartCrew } from './crew/crew.ts'
import { Incidents } from './incidents.ts'
import type { DemoOptions } from './options.ts'
import { type LineStream, LiveLine } from './report/live-line.ts'
import { type CrawlReport, formatProgress, formatReport } from './report/table.ts'
import { type Site, startSite } from './site/server.ts'

/** Where the demo writes to, and what stops it. */
export interface DemoTerminal {
  /** The account. */
  readonly out: LineStream
  /** What happens meanwhile. */
  readonly live: LineStream
  /** Aborting ends the workers; what is not done by then is accounted as failed. */
  readonly signal?: AbortSignal
}

/**
 * Runs the demo and prints its account.
 *
 * @returns the exit code: 0 when everything is accounted for, 1 when not, 130 when it was stopped.
 * @throws when the site or the crew cannot be started; what was started is stopped.
 */
export async function runDemo(
  options: DemoOptions,
  startCrew: StartCrew,
  terminal: DemoTerminal,
): Promise<number> {
  const line = new LiveLine(terminal.live)
  const site = options.url === undefined ? await startSite() : undefined
  try {
    await using crew = await startCrew(options)
    const stopped = stopWith(terminal.signal, crew)
    const report = await crawlWithCrew(crew, { options, site, line, signal: terminal.signal })
    await stopped()
    terminal.out.write(`${options.json ? JSON.stringify(report) : formatReport(report)}\n`)
    if (terminal.signal?.aborted) return 130
    return report.summary.accounted === report.summary.discovered ? 0 : 1
  } finally {
    await site?.close()
  }
}

/** Ends the crew with the signal. @returns a function that stops listening, and waits for the end. */
function stopWith(signal: AbortSignal | undefined, crew: Crew): () => Promise<void> {
  let stopping: Promise<void> | undefined
  const stop = () => {
    stopping = Promise.resolve(crew[Symbol.asyncDispose]())
  }
  if (signal?.aborted) stop()
  else signal?.addEventListener('abort', stop, { once: true })
  return async () => {
    signal?.removeEventListener('abort', stop)
    await stopping
  }
}

interface Surroundings {
  readonly options: DemoOptions
  /** The bundled site, unless another one is crawled. */
  readonly site: Site | undefined
  readonly line: LiveLine
  readonly signal: AbortSignal | undefined
}

async function crawlWithCrew(crew: Crew, surroundings: Surroundings): Promise<CrawlReport> {
  const { options, site, line } = surroundings
  const url = options.url ?? site?.url ?? ''
  const ledger = new Ledger()
  const startedAtMs = performance.now()
  const tell = (news: string) => line.note(news)
  const stopTelling = crew.onNews(tell)
  const incidents = new Incidents(crew, tell)
  const show = () => {
    const { discovered, open } = ledger
    const elapsedMs = performance.now() - startedAtMs
    const progress = { discovered, accounted: discovered - open, workers: crew.size, elapsedMs }
    line.update(formatProgress(progress))
  }
  // Nothing is visited while the others wait for what the killed one held; the clock goes on.
  const clock = setInterval(show, 250)
  try {
    await crawl(ledger, {
      startUrl: url,
      maxPages: options.maxPages,
      concurrency: crew.concurrency,
      visit: (page) => crew.visit(page),
      onVisited: (visits) => {
        if (!surroundings.signal?.aborted) incidents.onVisited(visits)
        show()
      },
    })
    await incidents.over()
  } finally {
    clearInterval(clock)
    stopTelling()
    line.end()
  }
  const elapsedMs = performance.now() - startedAtMs
  for (const { url: page, outcome } of crew.repeated) ledger.record(page, outcome)
  if (site !== undefined) enterRequests(ledger, site)
  return {
    url,
    broker: crew.broker,
    elapsedMs,
    summary: ledger.summary(),
    workers: crew.reports(),
  }
}

function enterRequests(ledger: Ledger, site: Site): void {
  for (const [path, requests] of site.requests) {
    const url = new URL(path, site.url).href
    // Somebody else may look at the site too, at an address that no page leads to.
    if (ledger.has(url)) ledger.recordRequests(url, requests)
  }
}
