/** Child processes that use the broker under test. */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { extname } from 'node:path'
import { within } from '../stage/eventually.ts'
import type { Stage } from '../stage/stage.ts'
import type { ChildAnswer, ChildOrders } from './orders.ts'

/** A running child. Killed at the end of its case at the latest. */
export class Child {
  readonly #process: ChildProcess
  readonly #answers: ChildAnswer[] = []
  readonly #ended: Promise<unknown>

  private constructor(process: ChildProcess) {
    this.#process = process
    this.#process.on('message', (answer: ChildAnswer) => this.#answers.push(answer))
    this.#ended = once(process, 'exit')
  }

  /** Starts a child on the broker of the case. */
  static start(stage: Stage, orders: Pick<ChildOrders, 'queue' | 'task'>): Child {
    const { url, transportOptions = {} } = stage.setup.process ?? { url: '' }
    const program = new URL(`./child${extname(import.meta.filename)}`, import.meta.url)
    const argument: ChildOrders = { url, transportOptions, ...orders }
    const child = new Child(fork(program, [JSON.stringify(argument)]))
    stage.atEnd(() => child.kill())
    return child
  }

  /** The next answer. */
  async answer(timeoutMs = 15_000): Promise<ChildAnswer> {
    const first = this.#answers.shift()
    if (first) return first
    const arrived = once(this.#process, 'message')
    const gone = this.#ended.then(() => Promise.reject(new Error('The child process ended')))
    await within(Promise.race([arrived, gone]), {
      what: 'An answer of the child process',
      timeoutMs,
    })
    return this.answer(timeoutMs)
  }

  /** Ends it as `kill -9` does. */
  async kill(): Promise<void> {
    this.#process.kill('SIGKILL')
    await this.#ended
  }

  /** Resolves with its exit code when it ends by itself. */
  async end(timeoutMs: number): Promise<number | null> {
    await within(this.#ended, { what: 'The end of the child process', timeoutMs })
    return this.#process.exitCode
  }
}
