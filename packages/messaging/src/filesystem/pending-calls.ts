/** The calls of a session that are under way: the end of the session ends their waiting, not their work. */
import { ConnectionError, type MessagingError, OutcomeUnknownError } from '../errors.ts'

interface Call {
  readonly isPut: boolean
  readonly reject: (error: MessagingError) => void
}

/** How a call is made. */
export interface CallOptions {
  /** What it publishes may be stored although the session ended first. */
  readonly isPut?: boolean
}

/** Ends once. */
export class PendingCalls {
  readonly #calls = new Set<Call>()
  readonly #works = new Set<Promise<unknown>>()
  #end: MessagingError | undefined

  get hasEnded(): boolean {
    return this.#end !== undefined
  }

  /** Starts work. Rejects when the session has ended, or does before the work is done. */
  run<T>(work: () => Promise<T>, options: CallOptions = {}): Promise<T> {
    if (this.#end) return Promise.reject(later(this.#end))
    const { promise, resolve, reject } = Promise.withResolvers<T>()
    const call = { isPut: options.isPut ?? false, reject }
    const running = work().then(resolve, reject)
    const done = running.finally(() => {
      this.#calls.delete(call)
      this.#works.delete(done)
    })
    this.#calls.add(call)
    this.#works.add(done)
    return promise
  }

  /** @returns false when it had ended before. */
  end(error: MessagingError): boolean {
    if (this.#end) return false
    this.#end = error
    // A close lets what is under way finish.
    if (error.code === 'CONNECTION_CLOSED') return true
    for (const { isPut, reject } of this.#calls) reject(isPut ? unknown(error) : later(error))
    this.#calls.clear()
    return true
  }

  /** Resolves when nothing is under way any more. */
  async finished(): Promise<void> {
    await Promise.allSettled(this.#works)
  }
}

function later(cause: MessagingError): MessagingError {
  if (cause.code === 'CONNECTION_CLOSED') return cause
  const message = `The session on folders was lost: ${cause.message}`
  return new ConnectionError('CONNECTION_LOST', message, { cause })
}

function unknown(cause: MessagingError): OutcomeUnknownError {
  return new OutcomeUnknownError(
    'The session on folders ended before the message was confirmed: it may or may not be stored',
    { cause },
  )
}
