/**
 * What travels between the coordinator and the workers: bodies of messages, and the queues' names.
 */
import { Queue } from '@dashi/messaging'
import type { FetchedPage, FetchLimits } from '../crawl/fetch-page.ts'
import type { PageResult } from '../crawl/frontier.ts'

/** What a worker can do; there is a queue for each. */
export type Capability = 'fetch' | 'parse'

/** What a worker is told when it is started. */
export interface WorkerTask {
  readonly name: string
  readonly broker: string
  /** Name of this run: others may use the same broker at the same time. */
  readonly run: string
  readonly capabilities: readonly Capability[]
  readonly limits: FetchLimits
  readonly pauseMs: number
}

/** Asks for a page. */
export interface FetchJob {
  readonly url: string
}

/** Asks for the links of a page that was fetched. */
export interface ParseJob {
  readonly url: string
  readonly page: FetchedPage
}

/** What came of a page, and who found out. */
export interface Answer {
  readonly worker: string
  readonly result: PageResult
}

/** The queues of a run. */
export interface CrewQueues {
  readonly fetch: Queue
  readonly parse: Queue
  readonly answers: Queue
}

/** Name of the exchange by which the workers of a run announce themselves. */
export function discoveryExchange(run: string): string {
  return `dashi.demo.${run}.workers`
}

/** Time between two heartbeats of a worker, and the silence after which it counts as gone. */
export const heartbeatMs = 500
export const silenceMs = 3_000

/** The same queues for everybody who knows the run's name. */
export function crewQueues(run: string): CrewQueues {
  const queue = (role: string) => new Queue(`dashi.demo.${run}.${role}`)
  return { fetch: queue('fetch'), parse: queue('parse'), answers: queue('answers') }
}

/** Narrows what came in a message. */
export function isFetchJob(value: unknown): value is FetchJob {
  return hasText(value, 'url')
}

/** Narrows what came in a message. */
export function isParseJob(value: unknown): value is ParseJob {
  return isFetchJob(value) && 'page' in value && hasText(value.page, 'html')
}

/** Narrows what came in a message. */
export function isAnswer(value: unknown): value is Answer {
  return hasText(value, 'worker') && 'result' in value && isPageResult(value.result)
}

function isPageResult(value: unknown): boolean {
  return hasText(value, 'url') && 'outcome' in value && hasText(value.outcome, 'kind')
}

function hasText<Name extends string>(
  value: unknown,
  name: Name,
): value is Record<Name, string> & object {
  if (typeof value !== 'object' || value === null) return false
  return name in value && typeof Reflect.get(value, name) === 'string'
}
