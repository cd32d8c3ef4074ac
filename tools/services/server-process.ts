import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Environment } from './broker.ts'
import { killGroup, type ProcessRecord, processRecord, signalGroup, stopGroup } from './process.ts'
import { forget, rememberPrivate } from './records.ts'
import { waitUntil } from './wait.ts'

/** How a server is started and how one sees that it is ready. */
export interface ServerOptions {
  /** For messages. */
  readonly name: string
  readonly command: string
  readonly args: readonly string[]
  /** Added to the environment of this process. */
  readonly environment?: Environment
  /** Data, configuration, and `server.log`; must exist. Default: a new one, removed by `stop()`. */
  readonly folder?: string
  readonly isReady: () => boolean | Promise<boolean>
  /** How long `start()` waits until it is ready. Default: 30 s. */
  readonly readyTimeoutMs?: number
  /**
   * Whether it goes on when this process ends. Then the caller must `remember` it.
   * Default: false, and it is killed at the latest when the next broker is started or stopped.
   */
  readonly survives?: boolean
}

/** A new folder in the system's temporary folder. */
export function temporaryFolder(name: string): string {
  return mkdtempSync(join(tmpdir(), `dashi-${name}-`))
}

/** A server in a process group of its own that can be killed, paused, and started on the same data. */
export class ServerProcess implements AsyncDisposable {
  readonly folder: string
  readonly #options: ServerOptions
  readonly #ownsFolder: boolean
  readonly #killAtExit = () => this.signal('SIGKILL')
  #record: ProcessRecord | undefined
  #privateName: string | undefined

  constructor(options: ServerOptions) {
    this.#options = options
    this.#ownsFolder = options.folder === undefined
    this.folder = options.folder ?? temporaryFolder(options.name)
    mkdirSync(this.folder, { recursive: true })
  }

  /** The running process, which leads its group. `undefined` before `start()` and after its end. */
  get record(): ProcessRecord | undefined {
    return this.#record
  }

  /** Starts it and resolves when it is ready. After `kill()`, on the data that is there. */
  async start(): Promise<void> {
    const { name, readyTimeoutMs = 30_000, isReady } = this.#options
    const pid = await this.#spawn()
    this.#record = processRecord(pid)
    this.#protect()
    const isGone = () => processRecord(pid) === undefined
    const over = await waitUntil(async () => isGone() || (await isReady()), {
      timeoutMs: readyTimeoutMs,
    })
    if (over && !isGone()) return
    const reason = over ? 'ended at once' : `is not ready after ${readyTimeoutMs} ms`
    const log = this.log()
    await this.stop()
    throw new Error(`Cannot start ${name}: it ${reason}. The end of its log:\n${log}`)
  }

  /** Signals the whole group: SIGSTOP and SIGCONT make a server hang and go on. */
  signal(signal: NodeJS.Signals): void {
    if (this.#record !== undefined) signalGroup(this.#record, signal)
  }

  /** Ends it as a power failure would, and resolves when it is gone. Its data stays. */
  async kill(): Promise<void> {
    if (this.#record !== undefined) await killGroup(this.#record)
    this.#unprotect()
  }

  /** Ends it in order and removes its folder, if it made that. Does nothing the second time. */
  async stop(): Promise<void> {
    if (this.#record !== undefined) await stopGroup(this.#record)
    this.#unprotect()
    if (this.#ownsFolder) rmSync(this.folder, { recursive: true, force: true })
  }

  /** The last 2,000 characters that it printed. */
  log(): string {
    return readFileSync(join(this.folder, 'server.log'), 'utf8').slice(-2_000)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
  }

  async #spawn(): Promise<number> {
    const { command, args, environment } = this.#options
    const log = openSync(join(this.folder, 'server.log'), 'a')
    try {
      const child = spawn(command, args, {
        cwd: this.folder,
        detached: true,
        env: { ...process.env, ...environment },
        stdio: ['ignore', log, log],
      })
      child.unref()
      await once(child, 'spawn')
      return child.pid ?? Number.NaN
    } finally {
      closeSync(log)
    }
  }

  #protect(): void {
    if (this.#options.survives === true || this.#record === undefined) return
    const folders = this.#ownsFolder ? [this.folder] : []
    this.#privateName = rememberPrivate({ environment: {}, processes: [this.#record], folders })
    process.once('exit', this.#killAtExit)
  }

  #unprotect(): void {
    process.off('exit', this.#killAtExit)
    if (this.#privateName !== undefined) forget(this.#privateName)
    this.#privateName = undefined
    this.#record = undefined
  }
}
