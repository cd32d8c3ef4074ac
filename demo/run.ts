/**
 * The demo from the first line to the last: a site, a crew, a crawl with two incidents, an account.
 */
import { crawl } from './crawl/crawl.ts'
import { Ledger } from './crawl/ledger.ts'
import type { Crew, StartCrew } from './crew.ts'
import { Incidents } from './incidents.ts'
import type { DemoOptions } from './options.ts'
import { type LineStream, LiveLine } from './report/live-line.ts'
import { type CrawlReport, formatProgress, formatReport } from './report/table.ts'
import { type Site, startSite } from './site/server.ts'

/** Where the demo writes to. */
export interface DemoOutput {
  /** The account. */
  readonly out: LineStream
  /** What happens meanwhile. */
  readonly live: LineStream
}

/**
 * Runs the demo and prints its account.
 *
 * @returns the exit code: 0 when everything is accounted for, otherwise 1.
 * @throws when the site or the crew cannot be started; what was started is stopped.
 */
export async function runDemo(
  options: DemoOptions,
  startCrew: StartCrew,
  output: DemoOutput,
): Promise<number> {
  const line = new LiveLine(output.live)
  const site = options.url === undefined ? await startSite() : undefined
  try {
    await using crew = await startCrew(options)
    const report = await crawlWithCrew(crew, { options, site, line })
    output.out.write(`${options.json ? JSON.stringify(report) : formatReport(report)}\n`)
    return report.summary.accounted === report.summary.discovered ? 0 : 1
  } finally {
    await site?.close()
  }
}

interface Surroundings {
  readonly options: DemoOptions
  /** The bundled site, unless another one is crawled. */
  readonly site: Site | undefined
  readonly line: LiveLine
}

async function crawlWithCrew(crew: Crew, surroundings: Surroundings): Promise<CrawlReport> {
  const { options, site, line } = surroundings
  const url = options.url ?? site?.url ?? ''
  const ledger = new Ledger()
  const startedAtMs = performance.now()
  const incidents = new Incidents(crew, (news) => line.note(news))
  await crawl(ledger, {
    startUrl: url,
    maxPages: options.maxPages,
    concurrency: crew.concurrency,
    visit: (page) => crew.visit(page),
    onVisited: (visits) => {
      incidents.onVisited(visits)
      const { discovered, open } = ledger
      const elapsedMs = performance.now() - startedAtMs
      const progress = { discovered, accounted: discovered - open, workers: crew.size, elapsedMs }
      line.update(formatProgress(progress))
    },
  })
  const elapsedMs = performance.now() - startedAtMs
  await incidents.over()
  line.end()
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
