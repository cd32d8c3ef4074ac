import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'

/** How a process of the cast is started. */
export interface ActorOptions {
  readonly name: string
  readonly command: string
  readonly args: readonly string[]
  /** Added to the environment of this process. */
  readonly environment: Readonly<Record<string, string>>
  /** Where its stderr goes: whatever is in there at the end is a problem. */
  readonly errorPath: string
}

/** How a process ended. */
export interface ActorEnd {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

const readyTimeoutMs = 30_000
const endTimeoutMs = 30_000

/** A process under test, from outside: told by lines on its stdin, it tells by lines on its stdout. */
export class ActorProcess {
  readonly name: string
  /** Settles when it is ready for `go()`. */
  readonly ready: Promise<void>
  /** Settles at its end. */
  readonly ended: Promise<ActorEnd>
  readonly #child: ChildProcess
  readonly #errorPath: string
  readonly #ready = Promise.withResolvers<void>()
  readonly #readyTimer = setTimeout(() => {
    this.#ready.reject(this.#notReady(`is not ready after ${readyTimeoutMs} ms`))
  }, readyTimeoutMs)
  #isBusy = false
  #end: ActorEnd | undefined

  constructor({ name, command, args, environment, errorPath }: ActorOptions) {
    this.name = name
    this.#errorPath = errorPath
    const errors = openSync(errorPath, 'a')
    this.#child = spawn(command, args, {
      env: { ...process.env, ...environment },
      stdio: ['pipe', 'pipe', errors],
    })
    closeSync(errors)
    this.ready = this.#ready.promise
    // Whoever waits is told; a spare that nobody needs may fail unnoticed here and is judged at the end.
    this.ready.catch(() => undefined)
    this.ended = this.#watchEnd()
    this.#listen()
  }

  /** Whether it has received a message. */
  get isBusy(): boolean {
    return this.#isBusy
  }

  /** How it ended, if it has. */
  get end(): ActorEnd | undefined {
    return this.#end
  }

  /** What it wrote to stderr. */
  get errors(): string {
    return readFileSync(this.#errorPath, 'utf8')
  }

  go(): void {
    this.#tell('go')
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal)
  }

  /** Ends it at once, as a power failure would, and resolves when it is gone. */
  async kill(): Promise<void> {
    this.signal('SIGKILL')
    await this.ended
  }

  /** Has it finish its work and end; kills it when that takes too long. */
  stop(): Promise<ActorEnd> {
    return this.#endBy('stop')
  }

  /** Has it give back what it holds, and end. */
  close(): Promise<ActorEnd> {
    return this.#endBy('close')
  }

  async #endBy(command: 'stop' | 'close'): Promise<ActorEnd> {
    this.#tell(command)
    const timer = AbortSignal.timeout(endTimeoutMs)
    const kill = () => this.signal('SIGKILL')
    timer.addEventListener('abort', kill)
    const end = await this.ended
    timer.removeEventListener('abort', kill)
    return end
  }

  #tell(command: string): void {
    this.#child.stdin?.write(`${command}\n`)
  }

  #listen(): void {
    // What is written to a process that is gone is answered by `ended`.
    this.#child.stdin?.on('error', () => undefined)
    if (this.#child.stdout === null) return
    createInterface(this.#child.stdout).on('line', (line) => {
      if (line === 'ready') this.#isReady()
      if (line === 'busy') this.#isBusy = true
    })
  }

  #isReady(): void {
    clearTimeout(this.#readyTimer)
    this.#ready.resolve()
  }

  async #watchEnd(): Promise<ActorEnd> {
    await once(this.#child, 'exit')
    const end = { code: this.#child.exitCode, signal: this.#child.signalCode }
    this.#end = end
    clearTimeout(this.#readyTimer)
    this.#ready.reject(this.#notReady(`ended with ${end.signal ?? end.code}`))
    return end
  }

  #notReady(what: string): Error {
    return new Error(`${this.name} ${what}. Its stderr:\n${this.errors.slice(-2_000)}`)
  }
}
