import type { TaskLogger } from '../task/task-logger.ts'

/** How a worker works. What is left out is as the app's settings say. */
export interface WorkerOptions {
  /** Its name, `%h`, `%n` and `%d` expanded. Default `celery@%h`. */
  readonly hostname?: string
  /** Names of the queues to consume; missing ones are made. Default: all of the app. */
  readonly queues?: readonly string[]
  readonly excludeQueues?: readonly string[]
  /** Tasks at a time. Default: `workerConcurrency`, else the number of processors. */
  readonly concurrency?: number
  readonly pool?: 'async' | 'threads' | 'processes' | 'solo'
  /** Module that exports the app, for pools with children: they import it. */
  readonly appModule?: AppModule
  /** Messages taken ahead per slot; 0 = no limit. Default: `workerPrefetchMultiplier`. */
  readonly prefetchMultiplier?: number
  readonly maxTasksPerChild?: number
  readonly maxMemoryPerChildBytes?: number
  /** Throw away what waits in its queues before it starts. Default false. */
  readonly purge?: boolean
  /** Default: Celery's lines, on the console. */
  readonly logger?: TaskLogger
}

/** Where a child finds the app. */
export interface AppModule {
  /** `file:` URL. */
  readonly url: string
  /** Default: the first export that is an app. */
  readonly exportName?: string
}
