import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const program = fileURLToPath(new URL('./kombu-peer.py', import.meta.url))

/** Kombu's SQLAlchemy transport in a Python process. See `kombu-peer.py`. */
export class KombuPeer implements AsyncDisposable {
  readonly #child: ChildProcessWithoutNullStreams
  readonly #answers: AsyncIterator<string>

  /** @param python An interpreter with Kombu and SQLAlchemy. */
  constructor(python: string, path: string) {
    this.#child = spawn(python, [program, path])
    this.#child.stderr.pipe(process.stderr)
    this.#answers = createInterface(this.#child.stdout)[Symbol.asyncIterator]()
  }

  async ask(command: Readonly<Record<string, unknown>>): Promise<unknown> {
    this.#child.stdin.write(`${JSON.stringify(command)}\n`)
    const { value, done } = await this.#answers.next()
    if (done) throw new Error(`the Kombu peer ended at ${JSON.stringify(command)}`)
    return JSON.parse(value)
  }

  async kill(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    const exited = once(this.#child, 'exit')
    this.#child.kill('SIGKILL')
    await exited
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.kill()
  }
}
