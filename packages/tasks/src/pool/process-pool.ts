import { ChildPool, type ChildPoolOptions } from './children/child-pool.ts'
import { ProcessHost } from './children/process-host.ts'

/**
 * Runs jobs in child processes, one at a time in each: what a job does to its process (blocks, exits, exhausts memory, crashes) ends
 * that job and nothing else. The hard limit kills with SIGKILL.
 *
 * Children leave SIGINT, SIGTERM and SIGHUP to the worker, which decides when they end. They die with it, however it dies, within a
 * second, blocked ones too.
 */
export class ProcessPool extends ChildPool {
  /** @throws {ImproperlyConfiguredError} a size that is none. */
  constructor(options: ChildPoolOptions) {
    super('processes', options, (listener) => new ProcessHost(listener, options.maxHeapBytes))
  }
}
