import { ChildPool, type ChildPoolOptions } from './children/child-pool.ts'
import { ThreadHost } from './children/thread-host.ts'

/**
 * Runs jobs in threads of this process, one at a time in each: for computing, at less memory than processes. The hard limit and
 * `terminate` end the thread, at any point of its JavaScript; not within native code, which is left to itself while a new thread
 * takes the place. A crash in native code is the worker's end.
 */
export class ThreadPool extends ChildPool {
  /** @throws {ImproperlyConfiguredError} a size that is none. */
  constructor(options: ChildPoolOptions) {
    super('threads', options, (listener) => new ThreadHost(listener, options.maxHeapBytes))
  }
}
