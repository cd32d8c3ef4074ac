import { ConnectionError, reasonOf } from '@dashi/messaging/transport'
import type { RedisClient } from '../connection/client.ts'
import { connectMaster } from '../connection/connect-master.ts'
import { authenticate, type RedisCredentials } from '../connection/credentials.ts'
import { KnownNodes } from '../connection/known-nodes.ts'
import type { StoreSettings } from '../settings.ts'
import { Keys } from '../store/keys.ts'
import { refreshHeldScript, renewHoldersScript } from '../store/scripts/hold.ts'
import type { KeeperCommand } from './lease-keeper.ts'

/** Tokens looked at in one script, when those that are held for long are marked as fresh. */
const refreshPage = 500

/** Who is told what becomes of leases. */
export interface RenewalListener {
  /** The first renewal of a lease: it is in good hands. */
  onKept(holder: string): void
  /** A lease has ended although nobody let go of it. */
  onEnded(holder: string, reason: string): void
}

interface KeptLease {
  /** When it was last known to be good. */
  renewedAt: number
  isKept: boolean
}

/**
 * Keeps leases alive, on a connection of its own.
 *
 * Costs one short script per third of `leaseMs`, whatever is held. A connection that breaks is made anew
 * until the lease would have ended anyway.
 */
export class Renewal {
  readonly #settings: StoreSettings
  readonly #keys: Keys
  readonly #listener: RenewalListener
  readonly #holders = new Map<string, KeptLease>()
  readonly #stopping = new AbortController()
  readonly #nodes = new KnownNodes()
  /** Newer than those of the settings. */
  #credentials: RedisCredentials | undefined
  #client: RedisClient | undefined
  #timer: NodeJS.Timeout | undefined
  #running: Promise<void> | undefined
  #refreshedAt = performance.now()

  constructor(settings: StoreSettings, listener: RenewalListener) {
    this.#settings = settings
    this.#keys = new Keys(settings.keys)
    this.#listener = listener
  }

  get isIdle(): boolean {
    return this.#holders.size === 0
  }

  /** Does what it is told. */
  obey(command: KeeperCommand): void {
    if (command.action === 'authenticate') this.#authenticate(command.credentials)
    else this[command.action](command.holder)
  }

  /** Takes charge of a lease that has just begun. */
  hold(holder: string): void {
    this.#holders.set(holder, { renewedAt: performance.now(), isKept: false })
    if (this.#timer === undefined && this.#running === undefined) this.#runSoon(0)
  }

  /** The lease is nobody's concern any more. */
  drop(holder: string): void {
    this.#holders.delete(holder)
  }

  stop(): void {
    this.#stopping.abort()
    clearTimeout(this.#timer)
    this.#holders.clear()
    this.#client?.destroy()
  }

  #authenticate(credentials: RedisCredentials): void {
    this.#credentials = credentials
    const client = this.#client
    // A connection that is refused is made anew with the next renewal, which says what is wrong.
    if (client !== undefined) authenticate(client, credentials).catch(() => client.destroy())
  }

  #runSoon(delayMs: number): void {
    if (this.#stopping.signal.aborted || this.isIdle) {
      this.#timer = undefined
      return
    }
    this.#timer = setTimeout(() => {
      this.#running = this.#run()
    }, delayMs)
  }

  async #run(): Promise<void> {
    const { leaseMs, visibilityTimeoutMs } = this.#settings
    let delayMs = Math.min(leaseMs / 3, Math.max(visibilityTimeoutMs / 8, 100))
    let reason = ''
    try {
      const deadline = AbortSignal.timeout(Math.ceil(leaseMs / 3))
      await this.#renew(AbortSignal.any([this.#stopping.signal, deadline]))
      await this.#refresh()
    } catch (error) {
      reason = reasonOf(error)
      this.#client?.destroy()
      this.#client = undefined
      delayMs = Math.min(leaseMs / 10, 1_000)
    }
    this.#endOutdated(reason)
    this.#running = undefined
    this.#runSoon(delayMs)
  }

  async #renew(signal: AbortSignal): Promise<void> {
    const holders = [...this.#holders.keys()]
    const startedAt = performance.now()
    const client = await this.#connected(signal)
    const args = [String(this.#settings.leaseMs), ...holders]
    const held = await before(
      client.run<readonly number[]>(renewHoldersScript, [this.#keys.holders], args),
      signal,
    )
    for (const [index, holder] of holders.entries()) {
      const lease = this.#holders.get(holder)
      if (lease === undefined) continue
      if (held[index] === 1) this.#kept(holder, lease, startedAt)
      else this.#end(holder, 'Redis knows it no longer')
    }
  }

  #kept(holder: string, lease: KeptLease, renewedAt: number): void {
    lease.renewedAt = renewedAt
    if (lease.isKept) return
    lease.isKept = true
    this.#listener.onKept(holder)
  }

  /** Long before a Kombu peer would take the messages for abandoned. */
  async #refresh(): Promise<void> {
    const { visibilityTimeoutMs } = this.#settings
    if (performance.now() - this.#refreshedAt < visibilityTimeoutMs / 8) return
    this.#refreshedAt = performance.now()
    const ageSeconds = String(visibilityTimeoutMs / 4 / 1000)
    for (let position = 0; ; ) {
      const [seen = 0, marked = 0] =
        (await this.#client?.run<readonly number[]>(
          refreshHeldScript,
          [this.#keys.unackedIndex],
          [ageSeconds, String(position), String(refreshPage), ...this.#holders.keys()],
        )) ?? []
      if (seen < refreshPage) return
      // What was marked has left the range.
      position += seen - marked
    }
  }

  async #connected(signal: AbortSignal): Promise<RedisClient> {
    const { prefix } = this.#keys
    const request = { signal, tracking: false, prefix, report: ignore, nodes: this.#nodes }
    const server = { ...this.#settings.server, ...this.#credentials }
    this.#client ??= (await connectMaster(server, request)).client
    return this.#client
  }

  #endOutdated(reason: string): void {
    const oldest = performance.now() - this.#settings.leaseMs
    for (const [holder, { renewedAt }] of this.#holders) {
      if (renewedAt < oldest) this.#end(holder, reason)
    }
  }

  #end(holder: string, reason: string): void {
    this.#holders.delete(holder)
    this.#listener.onEnded(holder, reason)
  }
}

async function before<Value>(promise: Promise<Value>, signal: AbortSignal): Promise<Value> {
  const late = Promise.withResolvers<never>()
  const onAbort = () =>
    late.reject(new ConnectionError('TIMED_OUT', 'Redis did not answer in time'))
  signal.addEventListener('abort', onAbort, { once: true })
  try {
    return await Promise.race([promise, late.promise])
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}

function ignore(): void {
  // The session's own connection has said it.
}
