/**
 * A crew whose jobs and answers travel through queues: any broker will do.
 */
import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  ConfigurationError,
  Connection,
  type Consumer,
  type Message,
  WorkerRegistry,
} from '@dashi/messaging'
import type { PageResult } from '../crawl/frontier.ts'
import type { DemoOptions } from '../options.ts'
import type { WorkerReport } from '../report/table.ts'
import type { Crew } from './crew.ts'
import {
  type Capability,
  type CrewQueues,
  crewQueues,
  discoveryExchange,
  isAnswer,
  silenceMs,
} from './jobs.ts'
import { PendingVisits } from './pending-visits.ts'
import { WorkerProcess } from './worker-process.ts'

/** How long a worker may take to announce itself. */
const readyTimeoutMs = 30_000
/** How long a page may take beyond the time of its fetching: waiting, and workers that die. */
const marginMs = 60_000
/** Jobs under way per worker: enough that none of them waits for us. */
const jobsPerWorker = 8
const stopped = 'the demo was stopped'
const nobody = 'no worker is left'

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

class QueueCrew implements Crew {
  readonly #options: DemoOptions
  readonly #place: Place
  readonly #run = randomUUID().slice(0, 8)
  readonly #queues: CrewQueues = crewQueues(this.#run)
  readonly #connection: Connection
  readonly #registry: WorkerRegistry
  readonly #answers: Consumer
  readonly #workers: WorkerProcess[] = []
  readonly #visits = new PendingVisits()
  #closing: Promise<void> | undefined

  constructor(place: Place, options: DemoOptions) {
    this.#place = place
    this.#options = options
    this.#connection = new Connection(place.url)
    const exchange = discoveryExchange(this.#run)
    this.#registry = new WorkerRegistry(this.#connection, { ttlMs: silenceMs, exchange })
    this.#answers = this.#connection.consumer({
      queues: this.#queues.answers,
      onMessage: (message) => this.#onAnswer(message),
    })
  }

  get broker(): string {
    return this.#connection.asUri()
  }

  get size(): number {
    return this.#registry.workers().length
  }

  get concurrency(): number {
    return this.#options.workers * jobsPerWorker
  }

  get repeated(): readonly PageResult[] {
    return this.#visits.repeated
  }

  onNews(listener: (news: string) => void): () => void {
    const stopJoined = this.#registry.on('joined', ({ worker }) =>
      listener(`${worker.ip} joined: ${worker.capabilities.join(', ')}`),
    )
    const stopLeft = this.#registry.on('left', ({ worker, reason }) =>
      listener(`${worker.ip} left: ${reason}`),
    )
    return () => {
      stopJoined()
      stopLeft()
    }
  }

  async start(): Promise<void> {
    const { durability } = await this.#connection.capabilities()
    if (durability === 'none') throw new ConfigurationError('BAD_OPTION', oneProcess(this.broker))
    await this.#connection.connect()
    await this.#registry.start()
    for (const queue of Object.values(this.#queues)) {
      await queue.declare(this.#connection.defaultChannel)
    }
    await this.#answers.consume()
    const numbers = Array.from({ length: this.#options.workers }, (_, index) => index)
    await Promise.all(numbers.map((number) => this.#startWorker(capabilitiesOf(number))))
  }

  async visit(url: string): Promise<PageResult> {
    if (this.#closing !== undefined) throw new Error(stopped)
    if (!this.#workers.some(({ isAlive }) => isAlive)) throw new Error(nobody)
    const routingKey = this.#queues.fetch.name
    const [result] = await Promise.all([
      this.#visits.wait(url, this.#options.limits.timeoutMs + marginMs),
      this.#connection.producer().publish({ url }, { routingKey }),
    ])
    return result
  }

  kill(): string {
    // The second one: the first can do everything, and so nothing is left undone.
    const victim = this.#workers.filter(({ isAlive }) => isAlive)[1]
    if (victim === undefined) throw new Error('Cannot kill a worker: only one is left')
    victim.kill()
    return victim.name
  }

  async join(): Promise<void> {
    await this.#startWorker(['fetch', 'parse'])
  }

  reports(): readonly WorkerReport[] {
    return this.#workers.map((worker) => worker.report())
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing ??= this.#close()
    await this.#closing
  }

  async #close(): Promise<void> {
    this.#visits.rejectAll(stopped)
    await Promise.all(this.#workers.map((worker) => worker.stop()))
    if (this.#connection.connected) await this.#tidyUp()
    await this.#connection.close()
    if (this.#place.folder !== undefined) await rm(this.#place.folder, { recursive: true })
  }

  /** Others may use the same broker. */
  async #tidyUp(): Promise<void> {
    await this.#answers.close()
    await this.#registry.close()
    for (const queue of Object.values(this.#queues)) {
      await queue.delete(this.#connection.defaultChannel)
    }
  }

  async #startWorker(capabilities: readonly Capability[]): Promise<void> {
    if (this.#closing !== undefined) throw new Error(stopped)
    const { limits, pauseMs } = this.#options
    const name = `worker-${this.#workers.length + 1}`
    const place = { name, broker: this.#place.url, run: this.#run }
    const worker = new WorkerProcess({ ...place, capabilities, limits, pauseMs })
    this.#workers.push(worker)
    const ended = worker.ended.then(() => {
      if (!this.#workers.some(({ isAlive }) => isAlive)) this.#visits.rejectAll(nobody)
      throw new Error(`${name} ${worker.report().end} before it was ready`)
    })
    const announced = this.#registry.waitFor((known) => known.some(({ ip }) => ip === name), {
      timeoutMs: readyTimeoutMs,
    })
    await Promise.race([announced, ended])
  }

  #onAnswer(message: Message): void {
    const { payload } = message
    if (!isAnswer(payload)) throw new TypeError('This is no answer of a worker')
    this.#workers.find(({ name }) => name === payload.worker)?.countHandled()
    this.#visits.settle(payload.result)
    message.ack()
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
