/**
 * A program on the other end of a test: told what to do by a JSON line, it answers with one.
 *
 * The protocol is described in `peers/json_lines.py`.
 */
import { createInterface } from 'node:readline'
import { type PythonOptions, type PythonProcess, startPython } from './python-process.ts'

/** The commands of a program: what each takes and what it answers. */
export type PeerCommands = Readonly<
  Record<string, { readonly arguments: object; readonly result: unknown }>
>

/** How long one waits for an answer. */
export interface RequestOptions {
  /** Default: 30 000. A command that waits by itself needs more than it is told to wait. */
  readonly timeoutMs?: number
}

/** The program answered with an error: the exception that was raised there, as data. */
export class PeerError extends Error {
  override readonly name = 'PeerError'
  /** The exception's class, e.g. `OperationalError`. */
  readonly type: string
  readonly traceback: string

  constructor(command: string, error: DescribedError) {
    super(`${command} failed in the peer: ${error.type}: ${error.message}`)
    this.type = error.type
    this.traceback = error.traceback
  }
}

/** The program ended, or did not answer in time. The message holds the end of its stderr. */
export class PeerGoneError extends Error {
  override readonly name = 'PeerGoneError'
}

/** An exception, as `json_lines.py` describes it. */
export interface DescribedError {
  readonly type: string
  readonly message: string
  readonly traceback: string
}

interface Pending {
  readonly command: string
  readonly timer: NodeJS.Timeout
  resolve(result: unknown): void
  reject(error: Error): void
}

const stderrLimit = 4_000

/** A running program. `close()` it, or kill it. */
export class Peer<Commands extends PeerCommands> implements AsyncDisposable {
  readonly #child: PythonProcess
  readonly #program: string
  readonly #pending = new Map<number, Pending>()
  /** Settles when the program has ended and everything that it wrote was read. */
  readonly #ended: Promise<void>
  #nextId = 1
  #stderr = ''
  #isOver = false

  /** @internal Use `startPeer()`. */
  constructor(child: PythonProcess, program: string) {
    this.#child = child
    this.#program = program
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#ended = promise
    child.once('close', () => {
      this.#end()
      resolve()
    })
    createInterface(child.stdout).on('line', (line) => this.#settle(line))
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr = (this.#stderr + text).slice(-stderrLimit)
    })
    // What is written to a program that is gone is answered when its end is noticed.
    child.stdin.on('error', () => undefined)
  }

  /** The process, e.g. to be looked at from outside. */
  get pid(): number | undefined {
    return this.#child.pid
  }

  /** The last characters that it wrote to stderr. */
  get stderr(): string {
    return this.#stderr
  }

  /**
   * Tells the program to do something. Commands are carried out in order, one at a time.
   *
   * @throws {PeerError} the program raised an exception; it goes on.
   * @throws {PeerGoneError} it ended, or gave no answer in time.
   */
  request<Name extends keyof Commands & string>(
    command: Name,
    args: Commands[Name]['arguments'],
    options: RequestOptions = {},
  ): Promise<Commands[Name]['result']> {
    if (this.#isOver) return Promise.reject(this.#gone(`cannot ${command}: it has ended`))
    const id = this.#nextId
    this.#nextId += 1
    const { promise, resolve, reject } = Promise.withResolvers<unknown>()
    const { timeoutMs = 30_000 } = options
    const timer = setTimeout(() => {
      this.#pending.delete(id)
      reject(this.#gone(`gave no answer to ${command} within ${timeoutMs} ms`))
    }, timeoutMs)
    this.#pending.set(id, { command, timer, resolve, reject })
    this.#child.stdin.write(`${JSON.stringify({ id, do: command, ...args })}\n`)
    return promise
  }

  /** Ends it as a power failure would (SIGKILL), and resolves when it is gone. */
  async kill(): Promise<void> {
    this.#child.kill('SIGKILL')
    await this.#ended
  }

  /** Lets it finish what it was told and end in order; kills it when that takes over 10 s. */
  async close(): Promise<void> {
    this.#child.stdin.end()
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), 10_000)
    await this.#ended
    clearTimeout(timer)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  #settle(line: string): void {
    const answer: PeerAnswer = JSON.parse(line)
    const pending = this.#pending.get(answer.id ?? 0)
    // An answer that came too late: its request was rejected already.
    if (pending === undefined) return
    this.#pending.delete(answer.id ?? 0)
    clearTimeout(pending.timer)
    if (answer.error === undefined) pending.resolve(answer.ok)
    else pending.reject(new PeerError(pending.command, answer.error))
  }

  #end(): void {
    this.#isOver = true
    for (const { command, timer, reject } of this.#pending.values()) {
      clearTimeout(timer)
      reject(this.#gone(`ended during ${command}`))
    }
    this.#pending.clear()
  }

  #gone(what: string): PeerGoneError {
    const { exitCode, signalCode } = this.#child
    const end = this.#isOver ? ` (${signalCode ?? `exit code ${exitCode}`})` : ''
    return new PeerGoneError(`${this.#program} ${what}${end}. Its stderr:\n${this.#stderr}`)
  }
}

interface PeerAnswer {
  readonly id: number | null
  readonly ok?: unknown
  readonly error?: DescribedError
}

/**
 * Starts a program and resolves when it runs; whether it works, its first answer shows.
 *
 * @throws {Error} when the interpreter cannot be started.
 */
export async function startPeer<Commands extends PeerCommands>(
  options: PythonOptions,
): Promise<Peer<Commands>> {
  return new Peer<Commands>(await startPython(options), options.program)
}
