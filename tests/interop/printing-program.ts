/**
 * A Python program that talks to people: it prints, and one waits for what it prints.
 */
import { createInterface } from 'node:readline'
import { type PythonOptions, type PythonProcess, startPython } from './python-process.ts'

/** Where to begin and how long to wait. */
export interface WaitOptions {
  /** Default: 30 000. */
  readonly timeoutMs?: number
}

interface Waiter {
  readonly pattern: RegExp
  readonly timer: NodeJS.Timeout
  resolve(line: string): void
  reject(error: Error): void
}

/** A running program. Its stdout is read line by line; its stderr is kept for errors. */
export class PrintingProgram implements AsyncDisposable {
  readonly #child: PythonProcess
  readonly #name: string
  readonly #lines: string[] = []
  readonly #waiters = new Set<Waiter>()
  readonly #ended: Promise<number | null>
  #stderr = ''
  #read = 0
  #isOver = false

  /** @internal Use `startProgram()`. */
  constructor(child: PythonProcess, name: string) {
    this.#child = child
    this.#name = name
    const { promise, resolve } = Promise.withResolvers<number | null>()
    this.#ended = promise
    child.once('close', (code) => {
      this.#isOver = true
      for (const waiter of this.#waiters) waiter.reject(this.#failure(waiter.pattern))
      resolve(code)
    })
    createInterface(child.stdout).on('line', (line) => this.#add(line))
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr = (this.#stderr + text).slice(-4_000)
    })
  }

  /** Everything that it has printed. */
  get lines(): readonly string[] {
    return this.#lines
  }

  /** Settles when it has ended: with its exit code, or null when a signal ended it. */
  get ended(): Promise<number | null> {
    return this.#ended
  }

  /**
   * The next line that matches, after the last one that was waited for.
   *
   * @throws {Error} when there is none in time, or the program ended; it shows what was printed.
   */
  waitFor(pattern: RegExp, { timeoutMs = 30_000 }: WaitOptions = {}): Promise<string> {
    const { promise, resolve, reject } = Promise.withResolvers<string>()
    const timer = setTimeout(() => waiter.reject(this.#failure(pattern)), timeoutMs)
    const settle = <Value>(how: (value: Value) => void) => {
      return (value: Value) => {
        clearTimeout(timer)
        this.#waiters.delete(waiter)
        how(value)
      }
    }
    const waiter: Waiter = { pattern, timer, resolve: settle(resolve), reject: settle(reject) }
    this.#waiters.add(waiter)
    this.#match()
    if (this.#isOver) waiter.reject(this.#failure(pattern))
    return promise
  }

  /** Ends it (SIGKILL unless told otherwise) and resolves when it is gone. */
  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    this.#child.kill(signal)
    await this.#ended
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill()
  }

  #add(line: string): void {
    this.#lines.push(line)
    this.#match()
  }

  /** Gives each waiter the first line that it wants, from where the reading is. */
  #match(): void {
    for (const waiter of this.#waiters) {
      const index = this.#lines.findIndex(
        (line, position) => position >= this.#read && waiter.pattern.test(line),
      )
      if (index === -1) continue
      this.#read = index + 1
      waiter.resolve(this.#lines[index] ?? '')
    }
  }

  #failure(pattern: RegExp): Error {
    const how = this.#isOver ? 'ended without printing' : 'did not print in time'
    const printed = this.#lines.join('\n')
    return new Error(`${this.#name} ${how} ${pattern}. It printed:\n${printed}\n${this.#stderr}`)
  }
}

/**
 * Starts a program and resolves when its process runs.
 *
 * @throws {Error} when the interpreter cannot be started.
 */
export async function startProgram(options: PythonOptions): Promise<PrintingProgram> {
  return new PrintingProgram(await startPython(options), options.program)
}
