/**
 * The words of the demo: a line while it runs, a table when it is over. Pure.
 */
import type { AccountClass, AccountedUrl, LedgerSummary } from '../crawl/ledger.ts'

/** A worker, as the report shows it. */
export interface WorkerReport {
  readonly name: string
  readonly capabilities: readonly string[]
  /** Messages that it answered. */
  readonly handled: number
  /** How it ended, e.g. `finished` or `killed (SIGKILL)`. */
  readonly end: string
}

/** Everything that is known when the crawl is over. */
export interface CrawlReport {
  /** Where it began. */
  readonly url: string
  /** The broker's address, without its password. */
  readonly broker: string
  readonly elapsedMs: number
  readonly summary: LedgerSummary
  readonly workers: readonly WorkerReport[]
}

/** The state of a running crawl. */
export interface CrawlProgress {
  readonly discovered: number
  readonly accounted: number
  readonly workers: number
  readonly elapsedMs: number
}

const longestList = 10

const classNames: Readonly<Record<AccountClass, string>> = {
  'fetched-once': 'fetched once',
  'fetched-repeatedly': 'fetched more than once',
  'not-found': 'not found',
  external: 'on another site',
  'too-large': 'too large',
  'not-html': 'not HTML',
  'not-visited': 'not visited (page limit)',
  failed: 'failed',
}

/** One line, without its end. */
export function formatProgress(progress: CrawlProgress): string {
  const { discovered, accounted, workers, elapsedMs } = progress
  return `${seconds(elapsedMs)}  ${accounted} of ${discovered} addresses  ${workers} workers`
}

/** The final account, several lines; the last one is `accounted N of N`. */
export function formatReport(report: CrawlReport): string {
  const { summary } = report
  const lines = [
    `${report.url} over ${report.broker} in ${seconds(report.elapsedMs)}`,
    '',
    ...columns(['addresses', 'count'], accountRows(summary)),
    '',
    ...columns(['worker', 'can', 'handled', 'pages', 'end'], workerRows(report)),
    '',
    ...urlList('fetched more than once', summary.repeated.map(repetition)),
    ...urlList('failed', summary.failed.map(failure)),
    ...urlList('lost', summary.open),
    `accounted ${summary.accounted} of ${summary.discovered}`,
  ]
  return lines.join('\n')
}

function accountRows({ counts }: LedgerSummary): readonly Row[] {
  return Object.entries(classNames).map(([name, words]) => [words, countOf(counts, name)])
}

function countOf(counts: Readonly<Record<string, number>>, name: string): number {
  return counts[name] ?? 0
}

function workerRows({ workers, summary }: CrawlReport): readonly Row[] {
  return workers.map((worker) => [
    worker.name,
    worker.capabilities.join(' '),
    worker.handled,
    countOf(summary.pagesByWorker, worker.name),
    worker.end,
  ])
}

function repetition({ url, times }: AccountedUrl): string {
  return `${url} (${times} times)`
}

function failure({ url, outcome }: AccountedUrl): string {
  return outcome.kind === 'failed' ? `${url}: ${outcome.reason}` : url
}

function urlList(title: string, urls: readonly string[]): readonly string[] {
  if (urls.length === 0) return []
  const rest = urls.length - longestList
  const more = rest > 0 ? [`  and ${rest} more`] : []
  return [`${title}:`, ...urls.slice(0, longestList).map((url) => `  ${url}`), ...more, '']
}

type Row = readonly (string | number)[]

/** Text to the left, numbers to the right. */
function columns(heading: readonly string[], rows: readonly Row[]): readonly string[] {
  const widths = heading.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => String(row[column]).length)),
  )
  const numeric = heading.map((_, column) => rows.some((row) => typeof row[column] === 'number'))
  const format = (row: Row): string =>
    row
      .map((cell, column) => {
        const width = widths[column] ?? 0
        return numeric[column] ? String(cell).padStart(width) : String(cell).padEnd(width)
      })
      .join('  ')
      .trimEnd()
  return [format(heading), format(widths.map((width) => '-'.repeat(width))), ...rows.map(format)]
}

function seconds(elapsedMs: number): string {
  return `${(elapsedMs / 1000).toFixed(1)} s`
}
