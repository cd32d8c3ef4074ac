import { type ChildProcess, fork } from 'node:child_process'
import type { ChildHost, ChildListener } from './child-host.ts'
import { isFromChild, type ToChild } from './child-messages.ts'
import { inheritedFlags } from './inherited-flags.ts'

/** How long what a dead child said may take to arrive. */
const drainMs = 1_000
const bytesPerMegabyte = 1024 * 1024

/** A child process. Output is the parent's; input is none. */
export class ProcessHost implements ChildHost {
  readonly #process: ChildProcess

  constructor(listener: ChildListener, maxHeapBytes: number | undefined) {
    const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js'
    const child = fork(
      new URL(`./process-child.${extension}`, import.meta.url),
      [String(process.pid)],
      {
        execArgv: execArgv(maxHeapBytes),
        serialization: 'advanced',
        stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      },
    )
    this.#process = child
    child.on('message', (message) => {
      if (isFromChild(message)) listener.onMessage(message)
    })
    child.once('exit', (code, signal) =>
      whenDrained(child, () => listener.onExit(how(code, signal))),
    )
    // What cannot be sent or killed is about to exit; what was never started does not.
    child.on('error', (error) => {
      if (child.pid === undefined) listener.onExit(`could not be started: ${error.message}`)
    })
  }

  get pid(): number {
    return this.#process.pid ?? 0
  }

  get label(): string {
    return `Child process ${this.pid}`
  }

  post(message: ToChild): void {
    if (this.#process.connected) this.#process.send(message)
  }

  signal(signal: NodeJS.Signals): void {
    this.#process.kill(signal)
  }

  kill(): void {
    this.#process.kill('SIGKILL')
  }
}

function execArgv(maxHeapBytes: number | undefined): string[] {
  const inherited = [...inheritedFlags(process.execArgv)]
  if (maxHeapBytes === undefined) return inherited
  return [...inherited, `--max-old-space-size=${Math.ceil(maxHeapBytes / bytesPerMegabyte)}`]
}

/** The channel may hold messages still. */
function whenDrained(child: ChildProcess, done: () => void): void {
  if (!child.connected) {
    done()
    return
  }
  const timer = setTimeout(finish, drainMs)
  child.once('disconnect', finish)
  function finish(): void {
    clearTimeout(timer)
    child.removeListener('disconnect', finish)
    done()
  }
}

function how(code: number | null, signal: NodeJS.Signals | null): string {
  if (signal === null) return `exited with code ${code}`
  const why = signal === 'SIGABRT' ? ', as V8 does when its heap is exhausted' : ''
  return `was killed by ${signal}${why}`
}
