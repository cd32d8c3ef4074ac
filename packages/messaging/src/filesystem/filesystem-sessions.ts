/** The sessions of one transport: one that comes back finds what the one before it held. */
import type { ConnectOptions } from '../transport/transport.ts'
import type { FilesystemSettings } from './filesystem-options.ts'
import { FilesystemSession } from './filesystem-session.ts'

/** Opens sessions. */
export class FilesystemSessions {
  readonly #settings: FilesystemSettings
  readonly #leaving = new Set<Promise<void>>()

  constructor(settings: FilesystemSettings) {
    this.#settings = settings
  }

  /** Opens a session, once those that ended have given back what they held. */
  async open(options: ConnectOptions): Promise<FilesystemSession> {
    await settledOrAborted(this.#leaving, options.signal)
    const session = await FilesystemSession.open(this.#settings, options)
    void session.closed.then(() => this.#leave(session.left))
    return session
  }

  #leave(left: Promise<void>): void {
    const leaving = left.then(() => void this.#leaving.delete(leaving))
    this.#leaving.add(leaving)
  }
}

async function settledOrAborted(
  promises: ReadonlySet<Promise<void>>,
  signal: AbortSignal | undefined,
): Promise<void> {
  signal?.throwIfAborted()
  if (promises.size === 0) return
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const abort = () => reject(signal?.reason)
  signal?.addEventListener('abort', abort, { once: true })
  void Promise.all(promises).then(() => resolve())
  await promise.finally(() => signal?.removeEventListener('abort', abort))
}
