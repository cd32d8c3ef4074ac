import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Lease, Settlement, StoredMessage, TakeRequest } from '@dashi/messaging/transport'
import type { SqliteOptions } from '../sqlite-options.ts'

interface Reply {
  readonly id: number
  readonly result?: unknown
  readonly error?: string
}

const program = fileURLToPath(new URL('./store-program.ts', import.meta.url))

/** A session in a process of its own, to be killed. */
export class ChildSession implements AsyncDisposable {
  readonly #child: ChildProcess
  readonly #calls = new Map<number, PromiseWithResolvers<unknown>>()
  /** The code of the error with which the session ended by itself. */
  readonly ended: Promise<unknown>
  readonly #exited: Promise<unknown>
  #lastId = 0

  private constructor(child: ChildProcess) {
    this.#child = child
    this.#exited = once(child, 'exit')
    child.on('message', (reply: Reply) => this.#receive(reply))
    this.ended = this.#expect(-1)
  }

  static async open(options: SqliteOptions): Promise<ChildSession> {
    const session = new ChildSession(fork(program, [JSON.stringify(options)]))
    await session.#expect(0)
    return session
  }

  #expect(id: number): Promise<unknown> {
    const call = Promise.withResolvers<unknown>()
    this.#calls.set(id, call)
    return call.promise
  }

  #receive({ id, result, error }: Reply): void {
    const call = this.#calls.get(id)
    if (error === undefined) call?.resolve(result)
    else call?.reject(new Error(error))
  }

  call(method: string, ...args: readonly unknown[]): Promise<unknown> {
    this.#lastId += 1
    this.#child.send({ id: this.#lastId, method, args })
    return this.#expect(this.#lastId)
  }

  async put(messages: readonly StoredMessage[]): Promise<void> {
    await this.call('put', messages)
  }

  async take(request: TakeRequest): Promise<readonly Lease[]> {
    // What the program's session answered.
    return (await this.call('take', request)) as readonly Lease[]
  }

  async settle(settlements: readonly Settlement[]): Promise<readonly boolean[]> {
    // What the program's session answered.
    return (await this.call('settle', settlements)) as readonly boolean[]
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name)
  }

  async kill(): Promise<void> {
    this.#child.kill('SIGKILL')
    await this.#exited
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.kill()
  }
}
