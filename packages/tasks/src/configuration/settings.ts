import type { ConnectionOptions } from '@dashi/messaging'
import type { ResultStore } from '../result/result-store.ts'
import type { QueueSetting, RouteSetting } from './routing-settings.ts'

/**
 * How an app behaves. Celery's settings under camelCased names, times in milliseconds. Each may be left out; the
 * defaults are Celery's unless the doc says why not.
 *
 * The list is completed by `celery-settings.ts`, which maps every name of Celery, old and new, onto these.
 */
export interface Settings {
  /** URL(s) of the broker; `;` or a list fails over. Default `amqp://guest@localhost//`. */
  readonly brokerUrl: string | readonly string[]
  /** Options of the connection to the broker. */
  readonly brokerOptions: ConnectionOptions
  /** URL of the result store, or a store; null keeps no results. Default null. */
  readonly resultBackend: string | ResultStore | null
  /** Default 86,400,000; null = for ever. */
  readonly resultExpiresMs: number | null
  readonly resultSerializer: string
  /** Default: `acceptContent`. */
  readonly resultAcceptContent: readonly string[] | null
  readonly resultExtended: boolean
  readonly resultPersistent: boolean
  /** Names of serializers, or content types. Default json. */
  readonly acceptContent: readonly string[]
  readonly taskSerializer: string
  readonly taskCompression: string | null
  /** Default 2. */
  readonly taskProtocol: 1 | 2
  /** Acknowledge after the run, so that a killed worker loses nothing. Default true; Celery's is false. */
  readonly taskAcksLate: boolean
  readonly taskAcksOnFailureOrTimeout: boolean
  /** Default true, as late acknowledgement promises; Celery's is false. */
  readonly taskRejectOnWorkerLost: boolean
  /** Run calls at once, in this process. */
  readonly taskAlwaysEager: boolean
  readonly taskIgnoreResult: boolean
  readonly taskStoreErrorsEvenIfIgnored: boolean
  readonly taskTrackStarted: boolean
  readonly taskTimeLimitMs: number | null
  readonly taskSoftTimeLimitMs: number | null
  readonly taskDefaultRateLimit: string | number | null
  readonly taskDefaultPriority: number | null
  readonly taskPublishRetry: boolean
  readonly taskDefaultQueue: string
  readonly taskDefaultExchange: string | null
  readonly taskDefaultExchangeType: string
  readonly taskDefaultRoutingKey: string | null
  readonly taskDefaultQueueType: 'classic' | 'quorum'
  readonly taskDefaultDeliveryMode: 'persistent' | 'transient'
  readonly taskQueueMaxPriority: number | null
  readonly taskQueues: readonly QueueSetting[] | null
  readonly taskCreateMissingQueues: boolean
  readonly taskCreateMissingQueueExchangeType: string | null
  readonly taskRoutes: RouteSetting | null
  /** Local time zone of dates without offset. Default UTC. */
  readonly timezone: string
  /** Default: number of processors. */
  readonly workerConcurrency: number | null
  readonly workerPool: 'async' | 'threads' | 'processes' | 'solo'
  /** Messages taken ahead per slot of the pool. Default 4; 0 = no limit. */
  readonly workerPrefetchMultiplier: number
  readonly workerMaxTasksPerChild: number | null
  readonly workerMaxMemoryPerChildBytes: number | null
  readonly workerDisableRateLimits: boolean
  /** Tasks held until their time, at most; what is early beyond that waits in the broker. Default 10,000; Celery's is none. */
  readonly workerEtaTaskLimit: number | null
  readonly workerSoftShutdownTimeoutMs: number
}

/** What an app is given: any of the settings. `broker` and `backend` are short for `brokerUrl` and `resultBackend`. */
export type AppOptions = Partial<Settings> & {
  readonly broker?: string | readonly string[]
  readonly backend?: string | ResultStore | null
}
