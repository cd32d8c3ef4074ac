import type { ResultMeta } from './result-meta.ts'
import type { MetaListener, ResultAddress, ResultSession } from './result-store.ts'

/**
 * A session of a store whose package has yet to be loaded: opened by the first use. A failure to open is everybody's error,
 * and the next use tries again.
 */
export class OpeningSession implements ResultSession {
  readonly replyTo = ''
  readonly #open: () => Promise<ResultSession>
  #opening: Promise<ResultSession> | undefined
  #session: ResultSession | undefined
  #isClosed = false

  constructor(open: () => Promise<ResultSession>) {
    this.#open = open
  }

  prepare(taskId: string): Promise<void> | undefined {
    if (this.#session !== undefined) return this.#session.prepare(taskId)
    return this.#opened().then((session) => session.prepare(taskId))
  }

  async store(meta: ResultMeta, address: ResultAddress): Promise<void> {
    return (this.#session ?? (await this.#opened())).store(meta, address)
  }

  async load(taskId: string): Promise<ResultMeta | undefined> {
    return (this.#session ?? (await this.#opened())).load(taskId)
  }

  async watch(taskId: string, listener: MetaListener): Promise<() => void> {
    return (this.#session ?? (await this.#opened())).watch(taskId, listener)
  }

  async forget(taskId: string): Promise<void> {
    return (this.#session ?? (await this.#opened())).forget(taskId)
  }

  async storeGroup(groupId: string, result: unknown): Promise<void> {
    return (this.#session ?? (await this.#opened())).storeGroup(groupId, result)
  }

  async loadGroup(groupId: string): Promise<unknown> {
    return (this.#session ?? (await this.#opened())).loadGroup(groupId)
  }

  async forgetGroup(groupId: string): Promise<void> {
    return (this.#session ?? (await this.#opened())).forgetGroup(groupId)
  }

  async cleanup(): Promise<number> {
    return (this.#session ?? (await this.#opened())).cleanup()
  }

  /** What was never used is not opened to be closed. */
  async close(): Promise<void> {
    this.#isClosed = true
    const session = await this.#opening?.catch(() => undefined)
    await session?.close()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  async #opened(): Promise<ResultSession> {
    this.#opening ??= this.#begin()
    return await this.#opening
  }

  async #begin(): Promise<ResultSession> {
    try {
      const session = await this.#open()
      this.#session = session
      // Whoever waited for it meanwhile is told by the session itself that it is closed.
      if (this.#isClosed) await session.close()
      return session
    } catch (error) {
      this.#opening = undefined
      throw error
    }
  }
}
