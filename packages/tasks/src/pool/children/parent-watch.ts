import { Worker } from 'node:worker_threads'

/**
 * Kills this process soon after its parent has died, in a thread of its own: a task that blocks the event loop would never
 * learn that the channel to its parent is closed, and go on for nobody.
 */
export function watchParent(parentPid: number): void {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js'
  const thread = new Worker(new URL(`./parent-watch-thread.${extension}`, import.meta.url), {
    workerData: parentPid,
    name: 'dashi-parent-watch',
    // It needs nothing of the program's flags.
    execArgv: [],
    resourceLimits: { maxOldGenerationSizeMb: 16, maxYoungGenerationSizeMb: 2 },
  })
  thread.unref()
}
