import { setTimeout as sleep } from 'node:timers/promises'
import { ConnectionError } from '@dashi/messaging/transport'
import type { SentinelSettings, ServerSettings } from '../settings.ts'
import { backoffMs } from './backoff.ts'
import type { RedisClient } from './client.ts'
import type { NodeAddress } from './redirection.ts'
import { openSentinel } from './sentinel.ts'

/** Where sentinels announce a new master: name, old host and port, new host and port. */
const channel = '+switch-master'

/**
 * Ends connections to a master that the sentinels have replaced, which may hang or not know of it yet.
 *
 * Listens to all sentinels, since one may fail together with the master, as long as there is a connection to look after. A
 * sentinel that cannot be reached is tried again; if none can, a dead master is noticed by its silence.
 */
export class SentinelWatch {
  readonly #settings: ServerSettings
  readonly #sentinel: SentinelSettings
  readonly #connecting = new Set<AbortController>()
  readonly #followed = new Set<RedisClient>()
  #listening: AbortController | undefined
  /** What has been announced since it listens: each sentinel says the same, one after the other. */
  #announced: string | undefined

  constructor(settings: ServerSettings, sentinel: SentinelSettings) {
    this.#settings = settings
    this.#sentinel = sentinel
  }

  /**
   * Looks after a connection to the master while it is made, and then until it ends.
   *
   * @throws {ConnectionError} `CONNECTION_REFUSED` there is a new master, and `connect` may be at the old one; what `connect` throws.
   */
  async follow<Connection extends { readonly client: RedisClient }>(
    connect: (signal: AbortSignal) => Promise<Connection>,
    signal: AbortSignal,
  ): Promise<Connection> {
    const switching = new AbortController()
    this.#connecting.add(switching)
    this.#begin()
    try {
      const connection = await connect(AbortSignal.any([signal, switching.signal]))
      const { client } = connection
      this.#followed.add(client)
      void client.closed.then(() => this.#forget(client))
      return connection
    } finally {
      this.#connecting.delete(switching)
      this.#endIfIdle()
    }
  }

  #forget(client: RedisClient): void {
    this.#followed.delete(client)
    this.#endIfIdle()
  }

  #begin(): void {
    if (this.#listening !== undefined) return
    this.#announced = undefined
    this.#listening = new AbortController()
    const { signal } = this.#listening
    for (const address of this.#sentinel.addresses) void this.#listen(address, signal)
  }

  #endIfIdle(): void {
    if (this.#followed.size + this.#connecting.size > 0) return
    this.#listening?.abort()
    this.#listening = undefined
  }

  async #listen(address: NodeAddress, signal: AbortSignal): Promise<void> {
    for (let attempt = 1; !signal.aborted; attempt += 1) {
      const wasListening = await this.#listenOnce(address, signal)
      if (wasListening) attempt = 1
      const pauseMs = backoffMs(attempt, Math.random())
      await sleep(pauseMs, undefined, { signal, ref: false }).catch(() => undefined)
    }
  }

  /** @returns false when the sentinel could not be reached. */
  async #listenOnce(address: NodeAddress, signal: AbortSignal): Promise<boolean> {
    const deadline = AbortSignal.timeout(this.#settings.socketConnectTimeoutMs)
    const either = AbortSignal.any([signal, deadline])
    try {
      const client = await openSentinel(this.#settings, { ...this.#sentinel, ...address }, either)
      await this.#hear(client, signal)
      return true
    } catch {
      // It is tried again, and the other ones are there: see above.
      return false
    }
  }

  /** Resolves when the sentinel is gone. */
  async #hear(client: RedisClient, signal: AbortSignal): Promise<void> {
    const onAbort = () => client.destroy()
    signal.addEventListener('abort', onAbort, { once: true })
    try {
      await client.subscribe(channel, (payload) => this.#switched(payload.toString()))
      await client.closed
    } finally {
      signal.removeEventListener('abort', onAbort)
      client.destroy()
    }
  }

  #switched(announcement: string): void {
    const [name, , , host, port] = announcement.split(' ')
    if (name !== this.#sentinel.masterName) return
    if (announcement === this.#announced) return
    this.#announced = announcement
    const what = `the sentinels have made ${host}:${port} the master`
    const reason = new ConnectionError('CONNECTION_REFUSED', `Cannot go on connecting: ${what}`)
    for (const connecting of this.#connecting) connecting.abort(reason)
    for (const client of this.#followed) {
      const { server } = client
      if (server.host !== host || server.port !== Number(port)) client.destroy(new Error(what))
    }
  }
}
