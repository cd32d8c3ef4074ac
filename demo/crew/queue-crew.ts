/**
 * A crew whose jobs and answers travel through queues: any broker will do.
 */
import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ConfigurationError, Connection, type Consumer, type Message } from '@dashi/messaging'
import type { PageResult } from '../crawl/frontier.ts'
import type { DemoOptions } from '../options.ts'
import type { WorkerReport } from '../report/table.ts'
import type { Crew } from './crew.ts'
import { type Capability, type CrewQueues, crewQueues, isAnswer } from './jobs.ts'
import { WorkerProcess } from './worker-process.ts'

/** How long workers may take to announce themselves. */
const readyTimeoutMs = 30_000
/** How long a page may take beyond the time of its fetching: waiting, and workers that die. */
const marginMs = 60_000
/** Jobs under way per worker: enough that none of them waits for us. */
const jobsPerWorker = 8
const stopped = 'the demo was stopped'

interface Place {
  readonly url: string
  /** Removed in the end. */
  readonly folder: string | undefined
}

/**
 * Starts the workers and resolves when all of them are ready.
 *
 * @throws {MessagingError} when the broker does not answer; {Error} when a worker ends at once.
 */
export async function startQueueCrew(options: DemoOptions): Promise<Crew> {
  const place = await placeOf(options)
  const crew = new QueueCrew(place, options)
  try {
    await crew.start()
    return crew
  } catch (error) {
    await crew[Symbol.asyncDispose]()
    throw error
  }
}

async function placeOf({ broker }: DemoOptions): Promise<Place> {
  if (broker !== undefined) return { url: broker, folder: undefined }
  const folder = await mkdtemp(join(tmpdir(), 'dashi-demo-'))
  return { url: `sqla+sqlite:///${join(folder, 'broker.db')}`, folder }
}

interface PendingVisit {
  readonly timer: NodeJS.Timeout
  resolve(result: PageResult): void
  reject(error: Error): void
}

class QueueCrew implements Crew {
  readonly #options: DemoOptions
  readonly #place: Place
  readonly #run = randomUUID().slice(0, 8)
  readonly #queues: CrewQueues = crewQueues(this.#run)
  readonly #connection: Connection
  readonly #answers: Consumer
  readonly #workers: WorkerProcess[] = []
  readonly #pending = new Map<string, PendingVisit>()
  readonly #repeated: PageResult[] = []
  #closing: Promise<void> | undefined

  constructor(place: Place, options: DemoOptions) {
    this.#place = place
    this.#options = options
    this.#connection = new Connection(place.url)
    this.#answers = this.#connection.consumer({
      queues: this.#queues.answers,
      onMessage: (message) => this.#onAnswer(message),
    })
  }

  get broker(): string {
    return this.#connection.asUri()
  }

  get size(): number {
    return this.#workers.filter(({ isAlive }) => isAlive).length
  }

  get concurrency(): number {
    return this.#options.workers * jobsPerWorker
  }

  get repeated(): readonly PageResult[] {
    return this.#repeated
  }

  async start(): Promise<void> {
    const { durability } = await this.#connection.capabilities()
    if (durability === 'none') throw new ConfigurationError('BAD_OPTION', oneProcess(this.broker))
    await this.#connection.connect()
    for (const queue of Object.values(this.#queues)) {
      await queue.declare(this.#connection.defaultChannel)
    }
    await this.#answers.consume()
    const numbers = Array.from({ length: this.#options.workers }, (_, index) => index)
    await Promise.all(numbers.map((number) => this.#startWorker(capabilitiesOf(number))))
  }

  async visit(url: string): Promise<PageResult> {
    if (this.#closing !== undefined) throw new Error(stopped)
    if (this.size === 0) throw new Error('no worker is left')
    const { promise, resolve, reject } = Promise.withResolvers<PageResult>()
    const timeoutMs = this.#options.limits.timeoutMs + marginMs
    const timer = setTimeout(
      () => reject(new Error(`no worker answered within ${timeoutMs} ms`)),
      timeoutMs,
    )
    this.#pending.set(url, { timer, resolve, reject })
    try {
      const routingKey = this.#queues.fetch.name
      const [result] = await Promise.all([
        promise,
        this.#connection.producer().publish({ url }, { routingKey }),
      ])
      return result
    } finally {
      clearTimeout(timer)
      this.#pending.delete(url)
    }
  }

  kill(): string {
    // The second one: the first can do everything, and so nothing is left undone.
    const victim = this.#workers.filter(({ isAlive }) => isAlive)[1]
    if (victim === undefined) throw new Error('Cannot kill a worker: only one is left')
    victim.kill()
    return victim.name
  }

  async join(): Promise<string> {
    return await this.#startWorker(['fetch', 'parse'])
  }

  reports(): readonly WorkerReport[] {
    return this.#workers.map((worker) => worker.report())
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing ??= this.#close()
    await this.#closing
  }

  async #close(): Promise<void> {
    this.#rejectAll(stopped)
    await Promise.all(this.#workers.map((worker) => worker.stop()))
    if (this.#connection.connected) {
      await this.#answers.close()
      for (const queue of Object.values(this.#queues)) {
        await queue.delete(this.#connection.defaultChannel)
      }
    }
    await this.#connection.close()
    if (this.#place.folder !== undefined) await rm(this.#place.folder, { recursive: true })
  }

  async #startWorker(capabilities: readonly Capability[]): Promise<string> {
    const { limits, pauseMs } = this.#options
    const name = `worker-${this.#workers.length + 1}`
    const { url: broker } = this.#place
    const worker = new WorkerProcess({
      ...{ name, broker, run: this.#run },
      ...{ capabilities, limits, pauseMs },
    })
    this.#workers.push(worker)
    void worker.ended.then(() => {
      if (this.size === 0) this.#rejectAll('no worker is left')
    })
    await inTime(worker)
    return name
  }

  #onAnswer(message: Message): void {
    const { payload } = message
    if (!isAnswer(payload)) throw new TypeError('This is no answer of a worker')
    const worker = this.#workers.find(({ name }) => name === payload.worker)
    if (payload.kind === 'ready') worker?.markReady()
    else {
      worker?.countHandled()
      this.#onResult(payload.result)
    }
    message.ack()
  }

  #onResult(result: PageResult): void {
    const pending = this.#pending.get(result.url)
    if (pending === undefined) this.#repeated.push(result)
    else pending.resolve(result)
  }

  #rejectAll(reason: string): void {
    for (const { reject } of this.#pending.values()) reject(new Error(reason))
  }
}

function oneProcess(broker: string): string {
  return `The workers cannot reach ${broker}: it lives in one process. Choose a broker outside of it, or none`
}

/** The first can do everything; of the others every second one fetches, and every second one parses. */
function capabilitiesOf(index: number): readonly Capability[] {
  if (index === 0) return ['fetch', 'parse']
  return index % 2 === 1 ? ['fetch'] : ['parse']
}

async function inTime(worker: WorkerProcess): Promise<void> {
  const { promise: late, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(
    () => reject(new Error(`${worker.name} is not ready after ${readyTimeoutMs} ms`)),
    readyTimeoutMs,
  )
  try {
    await Promise.race([worker.ready, late])
  } finally {
    clearTimeout(timer)
  }
}
