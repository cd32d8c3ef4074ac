import { Worker } from 'node:worker_threads'
import type { ChildHost, ChildListener } from './child-host.ts'
import { isFromChild, type ToChild } from './child-messages.ts'
import { inheritedFlags } from './inherited-flags.ts'

const bytesPerMegabyte = 1024 * 1024

/** A thread of this process. */
export class ThreadHost implements ChildHost {
  readonly pid: number = process.pid
  readonly label: string
  readonly #thread: Worker

  constructor(listener: ChildListener, maxHeapBytes: number | undefined) {
    const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js'
    const thread = new Worker(new URL(`./thread-child.${extension}`, import.meta.url), {
      name: 'dashi-tasks',
      ...threadFlags(process.execArgv),
      ...(maxHeapBytes === undefined
        ? {}
        : {
            resourceLimits: { maxOldGenerationSizeMb: Math.ceil(maxHeapBytes / bytesPerMegabyte) },
          }),
    })
    this.#thread = thread
    this.label = `Thread ${thread.threadId}`
    thread.on('message', (message: unknown) => {
      if (isFromChild(message)) listener.onMessage(message)
    })
    thread.on('error', (error: unknown) => {
      const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
      listener.onMessage({ type: 'lastWords', text })
    })
    thread.once('exit', (code) => listener.onExit(`exited with code ${code}`))
  }

  post(message: ToChild): void {
    this.#thread.postMessage(message)
  }

  signal(): void {
    this.kill()
  }

  kill(): void {
    void this.#thread.terminate()
  }
}

/** A thread has the flags of its process, and cannot start with this one of them. Given others, it takes none of V8's. */
function threadFlags(execArgv: readonly string[]): { readonly execArgv?: string[] } {
  if (!execArgv.some((flag) => flag.startsWith('--input-type'))) return {}
  return { execArgv: inheritedFlags(execArgv).filter((flag) => !flag.startsWith('--max-')) }
}
