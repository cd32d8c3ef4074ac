/** One conversation with the folders. */
import { mkdir, stat } from 'node:fs/promises'
import { ChannelError, ConnectionError, type MessagingError } from '../errors.ts'
import type { ConnectOptions } from '../transport/transport.ts'
import type {
  Lease,
  LeaveOptions,
  QueueOwnership,
  Settlement,
  StoredMessage,
  StoreSession,
  TakeRequest,
} from '../virtual/queue-store.ts'
import { ExchangeTables } from './exchange-tables.ts'
import { nameProblem } from './file-names.ts'
import { toMessagingError } from './filesystem-error.ts'
import type { FilesystemSettings } from './filesystem-options.ts'
import { FolderWatch } from './folder-watch.ts'
import { HeldFiles } from './held-files.ts'
import { Holder } from './holder.ts'
import { MessageFolder } from './message-folder.ts'
import { MessageWriter } from './message-writer.ts'
import { PendingCalls } from './pending-calls.ts'
import { QueueConsumers } from './queue-consumers.ts'
import { QueueOwners } from './queue-owners.ts'
import { Sweeper } from './sweeper.ts'

type Report = ConnectOptions['report']

/** See `StoreSession`. */
export class FilesystemSession implements StoreSession {
  readonly bindings: ExchangeTables
  readonly #settings: FilesystemSettings
  readonly #holder: Holder
  readonly #report: Report
  readonly #calls = new PendingCalls()
  readonly #folder: MessageFolder
  readonly #watch: FolderWatch
  readonly #writer: MessageWriter
  readonly #files: HeldFiles
  readonly #owners: QueueOwners
  readonly #consumers: QueueConsumers
  readonly #sweeper: Sweeper
  readonly #declared = new Set<string>()
  readonly #closed = Promise.withResolvers<MessagingError | undefined>()
  readonly #left = Promise.withResolvers<void>()
  #sweepTimer: NodeJS.Timeout | undefined
  #isWatching = false
  #lastTurn: Promise<void> = Promise.resolve()

  private constructor(settings: FilesystemSettings, holder: Holder, report: Report) {
    const { dataFolderIn, dataFolderOut, controlFolder, fsync, leaseMs } = settings
    this.#settings = settings
    this.#holder = holder
    this.#report = report
    this.#folder = new MessageFolder(dataFolderIn)
    this.#watch = new FolderWatch(dataFolderIn, settings.pollIntervalMs)
    const temporaryFolder = holder.folderIn(dataFolderOut)
    this.#writer = new MessageWriter({ dataFolder: dataFolderOut, temporaryFolder }, { fsync })
    this.#files = new HeldFiles(settings, holder, this.#writer)
    this.bindings = new ExchangeTables(controlFolder, { fsync })
    this.#owners = new QueueOwners(controlFolder)
    this.#consumers = new QueueConsumers(controlFolder)
    this.#sweeper = new Sweeper({
      holder,
      fsync,
      intervalMs: leaseMs / 3,
      onBuried: (id) => this.#deleteQueuesOf(id),
    })
  }

  /** @throws {ConnectionError} a folder cannot be created or used. */
  static async open(
    settings: FilesystemSettings,
    options: ConnectOptions,
  ): Promise<FilesystemSession> {
    options.signal?.throwIfAborted()
    await createFolders(settings)
    const holder = await inFolder(settings.dataFolderIn, () => Holder.open(settings))
    if (options.signal?.aborted) await holder.end()
    options.signal?.throwIfAborted()
    const session = new FilesystemSession(settings, holder, options.report)
    session.#begin()
    return session
  }

  get closed(): Promise<MessagingError | undefined> {
    return this.#closed.promise
  }

  /** Settles when everything that was held is back. Never rejects. */
  get left(): Promise<void> {
    return this.#left.promise
  }

  declareQueue(
    queue: string,
    _arguments: Readonly<Record<string, unknown>>,
    ownership?: QueueOwnership,
  ): Promise<number> {
    return this.#run(`declare queue "${queue}"`, async () => {
      checkQueue(queue)
      if (ownership?.exclusive) await this.#owners.own(queue, this.#holder.id)
      this.#declared.add(queue)
      return await this.#folder.count(queue)
    })
  }

  ownsQueue(queue: string): Promise<boolean> {
    return this.#run(`look up queue "${queue}"`, async () => {
      return (await this.#owners.ownerOf(queue)) === this.#holder.id
    })
  }

  joinQueue(queue: string): Promise<void> {
    const what = `consume from queue "${queue}"`
    return this.#run(what, () => this.#consumers.join(queue, this.#holder.id))
  }

  leaveQueue(queue: string, { deleteIfLast }: LeaveOptions): Promise<boolean> {
    return this.#run(`stop consuming from queue "${queue}"`, async () => {
      const remove = () => (deleteIfLast ? this.#deleteQueue(queue) : Promise.resolve())
      const isLast = await this.#consumers.leave(queue, this.#holder.id, remove)
      return isLast && deleteIfLast
    })
  }

  inspectQueue(queue: string): Promise<number | undefined> {
    return this.#run(`look up queue "${queue}"`, async () => {
      const count = await this.#folder.count(queue)
      // An empty queue is nothing on the disk: it exists as far as somebody speaks of it.
      if (count > 0 || this.#declared.has(queue)) return count
      return (await this.bindings.knowsQueue(queue)) ? 0 : undefined
    })
  }

  purgeQueue(queue: string): Promise<number> {
    return this.#run(`purge queue "${queue}"`, () => this.#folder.purge(queue))
  }

  deleteQueue(queue: string): Promise<number> {
    return this.#run(`delete queue "${queue}"`, async () => {
      this.#declared.delete(queue)
      if (nameProblem(queue) === undefined) await this.#owners.forget(queue)
      return await this.#folder.purge(queue)
    })
  }

  put(messages: readonly StoredMessage[]): Promise<void> {
    return this.#calls.run(() => this.#writer.put(messages), { isPut: true })
  }

  take(request: TakeRequest): Promise<readonly Lease[]> {
    return this.#run('take messages', () => this.#inTurn(() => this.#take(request)))
  }

  async #take({ queues, limit, noAck }: TakeRequest): Promise<readonly Lease[]> {
    this.#startWatching()
    const { mark } = this.#watch
    const leases: Lease[] = []
    let files = await this.#folder.next(queues, limit)
    const failures: unknown[] = []
    while (files.length > 0) {
      const taken = await Promise.allSettled(files.map((file) => this.#files.take(file, noAck)))
      for (const result of taken) {
        if (result.status === 'rejected') failures.push(result.reason)
        else if (result.value !== undefined) leases.push(result.value)
      }
      files = this.#folder.seen(queues, limit - leases.length)
    }
    // What was taken has to be delivered; what cannot be is met again.
    if (leases.length === 0 && failures.length > 0) throw failures[0]
    if (leases.length === 0) this.#watch.settle(queues, mark)
    return leases
  }

  wait(queues: readonly string[], signal: AbortSignal): Promise<void> {
    return this.#run('wait for messages', () => this.#watch.wait(queues, signal))
  }

  settle(settlements: readonly Settlement[]): Promise<readonly boolean[]> {
    return this.#run('settle messages', async () => {
      const done = settlements.filter(({ outcome }) => outcome === 'done')
      const others = settlements.filter(({ outcome }) => outcome !== 'done')
      const held = new Map<Settlement, boolean>()
      const settle = async (one: Settlement) => void held.set(one, await this.#files.settle(one))
      try {
        await Promise.all(done.map(settle))
        if (others.length > 0) await this.#inTurn(() => this.#putBack(others, settle))
      } catch (error) {
        // All are settled again, and those that were have to hear the same.
        for (const [{ token }, isHeld] of held) if (isHeld) this.#files.remember(token)
        throw error
      }
      return settlements.map((settlement) => held.get(settlement) ?? false)
    })
  }

  async #putBack(
    settlements: readonly Settlement[],
    settle: (settlement: Settlement) => Promise<void>,
  ): Promise<void> {
    for (const settlement of this.#files.inOrder(settlements)) await settle(settlement)
    this.#folder.forget()
  }

  /** A take never sees half of what is being put back. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#lastTurn.then(work)
    this.#lastTurn = result.then(noop, noop)
    return result
  }

  async close(): Promise<void> {
    if (!this.#calls.end(closedError())) return void (await this.#closed.promise)
    this.#stop()
    await this.#calls.finished()
    await this.#giveBack()
    this.#closed.resolve(undefined)
  }

  destroy(error?: MessagingError): void {
    this.#lose(error ?? new ConnectionError('CONNECTION_LOST', 'The session on folders was cut'))
  }

  #begin(): void {
    const { leaseMs } = this.#settings
    void this.#holder.lost.then((error) => this.#lose(error))
    this.#sweepTimer = setInterval(() => void this.#sweep(), leaseMs / 3).unref()
    void this.#sweep()
  }

  #startWatching(): void {
    if (this.#isWatching) return
    this.#isWatching = true
    this.#watch.start((error) => {
      const { dataFolderIn, pollIntervalMs } = this.#settings
      const what = `be told of new messages (looking every ${pollIntervalMs} ms instead)`
      this.#report?.(toMessagingError(error, { work: 'other', what, folder: dataFolderIn }))
    })
  }

  async #sweep(): Promise<void> {
    try {
      await this.#calls.run(() => this.#sweeper.sweep())
    } catch (error) {
      if (this.#calls.hasEnded) return
      const folder = this.#settings.dataFolderIn
      const what = 'give back what dead processes held'
      this.#report?.(toMessagingError(error, { work: 'other', what, folder }))
    }
  }

  async #deleteQueuesOf(holder: string): Promise<void> {
    await this.#consumers.forget(holder)
    for (const queue of await this.#owners.ownedBy(holder)) await this.#deleteQueue(queue)
  }

  async #deleteQueue(queue: string): Promise<void> {
    this.#declared.delete(queue)
    await this.bindings.forgetQueue(queue)
    await this.#owners.forget(queue)
    await this.#folder.purge(queue)
  }

  /** The one way into the file system: errors are converted, and a folder that is gone ends the session. */
  async #run<T>(what: string, work: () => Promise<T>): Promise<T> {
    try {
      return await this.#calls.run(work)
    } catch (error) {
      const folder = this.#settings.dataFolderIn
      const converted = toMessagingError(error, { work: 'other', what, folder })
      if (converted instanceof ConnectionError) this.#lose(converted)
      throw converted
    }
  }

  #lose(error: MessagingError): void {
    if (!this.#calls.end(error)) return
    this.#stop()
    this.#closed.resolve(error)
    void this.#calls.finished().then(() => this.#giveBack())
  }

  #stop(): void {
    clearInterval(this.#sweepTimer)
    this.#watch.close()
  }

  async #giveBack(): Promise<void> {
    try {
      await this.#holder.end()
      await this.#consumers.forget(this.#holder.id)
    } catch (error) {
      const what = 'give back what was held (another session does when the lease is over)'
      const folder = this.#settings.dataFolderIn
      this.#report?.(toMessagingError(error, { work: 'other', what, folder }))
    } finally {
      this.#left.resolve()
    }
  }
}

function noop(): void {
  // Whoever waits for a turn does not care how the one before ended.
}

async function createFolders(settings: FilesystemSettings): Promise<void> {
  const { dataFolderIn, dataFolderOut, controlFolder, processedFolder } = settings
  for (const folder of [dataFolderIn, dataFolderOut, controlFolder, processedFolder]) {
    if (folder !== undefined) await inFolder(folder, () => mkdir(folder, { recursive: true }))
  }
  if (processedFolder !== undefined) await checkSameDevice(dataFolderIn, processedFolder)
}

async function checkSameDevice(dataFolder: string, processedFolder: string): Promise<void> {
  const [data, processed] = await Promise.all([stat(dataFolder), stat(processedFolder)])
  if (data.dev === processed.dev) return
  throw new ConnectionError(
    'CONNECTION_REFUSED',
    `The folders "${dataFolder}" and "${processedFolder}" are on different file systems, between which a message ` +
      'cannot be moved in one step. Choose a "processedFolder" on the same one',
  )
}

async function inFolder<T>(folder: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw toMessagingError(error, { work: 'open', what: 'open a session', folder })
  }
}

function checkQueue(queue: string): void {
  const problem = nameProblem(queue)
  if (problem === undefined) return
  throw new ChannelError(
    'PRECONDITION_FAILED',
    `Cannot declare queue ${JSON.stringify(queue)}: its messages are files, and ${problem}. Choose another name`,
  )
}

function closedError(): ConnectionError {
  return new ConnectionError(
    'CONNECTION_CLOSED',
    'The session on folders was closed; connect again',
  )
}
