/** A program under test: a child process, and what it prints is waited for. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { transcriptPattern } from './transcript.ts'

/** What is run, and where. */
export interface ProgramOptions {
  readonly command: string
  readonly args: readonly string[]
  /** Working directory. */
  readonly folder: string
  /** Default 40 000. */
  readonly timeoutMs?: number
}

/** Started by `startProgram()`; killed when it goes out of scope. */
export class Program implements AsyncDisposable {
  readonly #name: string
  readonly #kill: (signal: NodeJS.Signals) => void
  readonly #timeoutMs: number
  /** Settles when it has ended: with its exit code, or null when a signal ended it. */
  readonly ended: Promise<number | null>
  #output = ''
  #errors = ''
  #isOver = false
  #progress = Promise.withResolvers<void>()

  /** @internal Use `startProgram()`. */
  constructor(options: ProgramOptions) {
    const { command, args, folder, timeoutMs = 40_000 } = options
    this.#name = args.join(' ')
    this.#timeoutMs = timeoutMs
    const child = spawn(command, args, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] })
    this.#kill = (signal) => child.kill(signal)
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      this.#output += text
      this.#advance()
    })
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#errors += text
    })
    this.ended = once(child, 'close').then(([code]) => {
      this.#isOver = true
      this.#advance()
      return code
    })
  }

  /** Everything that it has printed. */
  get output(): string {
    return this.#output
  }

  /** Resolves when its output, as a whole, fits. @throws {Error} not in time, or it ended before. */
  async waitFor(pattern: RegExp): Promise<RegExpExecArray> {
    const deadline = AbortSignal.timeout(this.#timeoutMs)
    const abort = () => this.#advance()
    deadline.addEventListener('abort', abort, { once: true })
    for (;;) {
      const match = pattern.exec(this.#output)
      if (match) return match
      if (this.#isOver || deadline.aborted) throw this.#failure(pattern)
      await this.#progress.promise
    }
  }

  /** Resolves when it has begun to print as a README says. */
  async prints(transcript: string): Promise<void> {
    await this.waitFor(new RegExp(`^${transcriptPattern(transcript)}`))
  }

  /** Resolves when it has ended well, having printed what a README says and nothing else. */
  async printsNothingBut(transcript: string): Promise<void> {
    const pattern = new RegExp(`^${transcriptPattern(transcript)}$`)
    const code = await this.ended
    if (code !== 0 || !pattern.test(this.#output)) throw this.#failure(pattern, code)
  }

  /** Ends it and resolves when it is gone. */
  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    this.#kill(signal)
    await this.ended
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.kill()
  }

  #advance(): void {
    this.#progress.resolve()
    this.#progress = Promise.withResolvers()
  }

  #failure(pattern: RegExp, code?: number | null): Error {
    const how = this.#isOver ? `ended (exit code ${code ?? 'unknown'})` : 'is running'
    const printed = `It printed:\n${this.#output.slice(-2_000)}\n${this.#errors.slice(-2_000)}`
    return new Error(`${this.#name} ${how}, and its output does not fit ${pattern}. ${printed}`)
  }
}
