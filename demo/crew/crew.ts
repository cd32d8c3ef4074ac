/**
 * Those who do the work, as the demo sees them: it does not matter what lies between.
 */
import type { PageResult } from '../crawl/frontier.ts'
import type { DemoOptions } from '../options.ts'
import type { WorkerReport } from '../report/table.ts'

/** Worker processes that visit pages. */
export interface Crew extends AsyncDisposable {
  /** Address of the broker between us and them, without its password. */
  readonly broker: string
  /** Workers that were heard of just now. */
  readonly size: number
  /** Visits that they can do at a time. */
  readonly concurrency: number
  /** Called with one line when a worker joins or leaves. @returns how to stop listening. */
  onNews(listener: (news: string) => void): () => void
  /** Has a page visited. Outlives the worker that began with it. */
  visit(url: string): Promise<PageResult>
  /** Results that came for pages that had one already: work that was done twice. */
  readonly repeated: readonly PageResult[]
  /** Ends one of them as a power failure would. @returns its name. */
  kill(): string
  /** Starts another. Resolves when it has announced itself. */
  join(): Promise<void>
  /** One line for each worker that there ever was. */
  reports(): readonly WorkerReport[]
}

/** Starts a crew and resolves when all of its workers have announced themselves. */
export type StartCrew = (options: DemoOptions) => Promise<Crew>
