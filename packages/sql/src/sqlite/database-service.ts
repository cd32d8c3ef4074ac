import { type MessagePort, receiveMessageOnPort } from 'node:worker_threads'
import type { SqlCommand, WaitRequest } from '../sql-database.ts'
import { mayShowMessages, SqliteEngine } from './engine.ts'
import { FileIdentity } from './file-identity.ts'
import { HolderGoneError } from './holder-gone-error.ts'
import {
  type Failure,
  failureOf,
  isPassing,
  type Outcome,
  type ThreadReply,
  type ThreadRequest,
  type ThreadSettings,
} from './thread-protocol.ts'
import { WalWatch } from './wal-watch.ts'

type Execute = Extract<ThreadRequest, { kind: 'execute' }>

/** A transaction takes what has arrived, but not more commands than this: others want the lock too. */
const commandsPerTransaction = 512
const renewalsPerLease = 3

/**
 * The thread's side of a session: carries out requests, keeps the lease, sweeps, and tells who may
 * find a message.
 */
export class DatabaseService {
  readonly #port: MessagePort
  readonly #engine: SqliteEngine
  readonly #watch: WalWatch
  readonly #file: FileIdentity
  readonly #waiting = new Map<number, WaitRequest>()
  readonly #intervalMs: number
  readonly #renewal: NodeJS.Timeout
  #sweep: NodeJS.Timeout | undefined
  #hasEnded = false

  constructor(port: MessagePort, settings: ThreadSettings) {
    this.#port = port
    this.#engine = new SqliteEngine(settings)
    this.#file = new FileIdentity(settings.path)
    this.#watch = new WalWatch({
      path: settings.path,
      pollIntervalMs: settings.pollIntervalMs,
      dataVersion: () => this.#engine.connection.dataVersion(),
      onChange: () => this.#attempt(() => this.#wake()),
      onUnannounced: (reason) => this.#reply({ kind: 'unannounced', reason }),
    })
    this.#intervalMs = settings.leaseMs / renewalsPerLease
    this.#renewal = setInterval(() => this.#attempt(() => this.#engine.renew()), this.#intervalMs)
    this.#sweepAfter(0)
    port.on('message', (request: ThreadRequest) => this.#attempt(() => this.#serve(request)))
    this.#reply({ kind: 'opened' })
  }

  #reply(reply: ThreadReply): void {
    this.#port.postMessage(reply)
  }

  /** Runs work that nobody waits for. What may pass is left to the next time; the rest ends the session. */
  #attempt(work: () => void): void {
    if (this.#hasEnded) return
    try {
      work()
    } catch (error) {
      if (!isPassing(error)) this.#end(error)
    }
  }

  #serve(first: ThreadRequest): void {
    let request: ThreadRequest | undefined = first
    while (request !== undefined && !this.#hasEnded) {
      if (request.kind === 'execute') {
        request = this.#gather(request)
      } else {
        this.#control(request)
        request = undefined
      }
    }
  }

  /** Commits everything that has arrived by now together. @returns a request that is not part of it. */
  #gather(first: Execute): ThreadRequest | undefined {
    const group = [first]
    let count = first.commands.length
    let other: ThreadRequest | undefined
    while (count < commandsPerTransaction && other === undefined) {
      const next = this.#receive()
      if (next === undefined) break
      if (next.kind !== 'execute') other = next
      else count += group[group.push(next) - 1]?.commands.length ?? 0
    }
    this.#executeAll(group)
    return other
  }

  #receive(): ThreadRequest | undefined {
    const received: { message: ThreadRequest } | undefined = receiveMessageOnPort(this.#port)
    return received?.message
  }

  #executeAll(group: readonly Execute[]): void {
    const commands = group.flatMap((request) => request.commands)
    try {
      this.#answer(group, this.#engine.execute(commands))
    } catch (error) {
      this.#refuse(group, error)
      return
    }
    if (mayShowMessages(commands)) this.#wake()
  }

  #answer(group: readonly Execute[], results: readonly unknown[]): void {
    let start = 0
    for (const { commands } of group) {
      const end = start + commands.length
      this.#reply({ kind: 'executed', results: results.slice(start, end) })
      start = end
    }
  }

  /** A command that fails by its own fault must not take along those that shared its transaction. */
  #refuse(group: readonly Execute[], error: unknown): void {
    if (error instanceof HolderGoneError) {
      this.#end(error)
      return
    }
    const failure = failureOf(error)
    const isAlone = group.length === 1 && group[0]?.commands.length === 1
    const attempt = isOneCommandsFault(failure) && !isAlone
    for (const { commands } of group) {
      const outcomes = commands.map((command) =>
        attempt ? this.#attemptOne(command) : { failure },
      )
      this.#reply({ kind: 'attempted', outcomes })
    }
    if (attempt) this.#wake()
  }

  #attemptOne(command: SqlCommand): Outcome {
    try {
      return { result: this.#engine.execute([command])[0] }
    } catch (error) {
      return { failure: failureOf(error) }
    }
  }

  #control(request: Exclude<ThreadRequest, Execute>): void {
    if (request.kind === 'close') {
      this.#close()
    } else if (request.kind === 'wait') {
      this.#wait(request.id, request.request)
    } else {
      this.#waiting.delete(request.id)
      this.#restWhenUnwatched()
    }
  }

  #wait(id: number, request: WaitRequest): void {
    this.#waiting.set(id, request)
    if (this.#waiting.size === 1) this.#watch.start()
    this.#wake()
  }

  #wake(): void {
    for (const [id, request] of this.#waiting) this.#wakeIfReady(id, request)
    this.#restWhenUnwatched()
  }

  #restWhenUnwatched(): void {
    if (this.#waiting.size === 0) this.#watch.stop()
  }

  #wakeIfReady(id: number, request: WaitRequest): void {
    if (!this.#engine.hasWaiting(request)) return
    this.#waiting.delete(id)
    this.#reply({ kind: 'ready', id })
  }

  /** Sessions sweep at different times, so that they do not fight for the lock. */
  #sweepAfter(delayMs: number): void {
    this.#sweep = setTimeout(() => {
      this.#attempt(() => {
        this.#file.require()
        if (this.#engine.sweep(this.#waiting.values())) this.#wake()
      })
      if (!this.#hasEnded) this.#sweepAfter(this.#intervalMs * (0.75 + Math.random() / 2))
    }, delayMs)
  }

  #close(): void {
    let failure: unknown
    try {
      this.#engine.giveBack()
    } catch (error) {
      failure = error
    }
    this.#end(failure)
  }

  #end(error: unknown): void {
    this.#hasEnded = true
    clearInterval(this.#renewal)
    clearTimeout(this.#sweep)
    this.#watch.close()
    this.#engine.close()
    this.#reply({ kind: 'ended', failure: error === undefined ? undefined : failureOf(error) })
    this.#port.close()
  }
}

/** Not the lock's, the disk's or the file's fault: size, constraint, type, range. */
function isOneCommandsFault({ reason, errorCode = 0 }: Failure): boolean {
  return reason === 'internal' || oneCommandsFaults.has(errorCode & 0xff)
}

const oneCommandsFaults: ReadonlySet<number> = new Set([18, 19, 20, 25])
