import { join } from 'node:path'
import type { ActorConfig, ConsumerConfig, PublisherConfig } from '../actors/actor-config.ts'
import type { FaultPlan, Scenario } from '../fault-plan.ts'
import { ledgerPath } from '../ledger/read-ledgers.ts'
import { queueName, type Subject } from '../subjects/subject.ts'
import { ActorProcess } from './actor-process.ts'

/** What a company works on and with. */
export interface CompanyOptions {
  readonly plan: FaultPlan
  readonly subject: Subject
  /** Of the ledgers. */
  readonly folder: string
  /** The interpreter with Kombu, if the plan's consumers are Kombu's. */
  readonly python: string | undefined
}

type Role = 'publisher' | 'consumer'

/** Started and connected, but not at work: so that a process can be replaced at once. */
const spareCount: Readonly<Record<Role, number>> = { publisher: 1, consumer: 3 }

const replacesConsumers: ReadonlySet<Scenario> = new Set(['consumer-kill', 'consumer-close'])

const actorsFolder = join(import.meta.dirname, '..', 'actors')

/** All processes under test. */
export class Company implements AsyncDisposable {
  readonly #options: CompanyOptions
  readonly #everybody: ActorProcess[] = []
  readonly #spares: Record<Role, ActorProcess[]> = { publisher: [], consumer: [] }
  readonly #atWork: Record<Role, ActorProcess[]> = { publisher: [], consumer: [] }
  readonly #counts: Record<Role, number> = { publisher: 0, consumer: 0 }

  constructor(options: CompanyOptions) {
    this.#options = options
  }

  /** The consumers at work. */
  get consumers(): readonly ActorProcess[] {
    return this.#atWork.consumer
  }

  /** The publishers at work. */
  get publishers(): readonly ActorProcess[] {
    return this.#atWork.publisher
  }

  /** Starts consumers, then publishers. With spares, if they are to be replaced. */
  async start(): Promise<void> {
    const { scenario, consumers, publishers } = this.#options.plan
    this.#engage(
      'consumer',
      consumers + (replacesConsumers.has(scenario) ? spareCount.consumer : 0),
    )
    this.#engage(
      'publisher',
      publishers + (scenario === 'publisher-kill' ? spareCount.publisher : 0),
    )
    for (let index = 0; index < consumers; index += 1) await this.#putToWork('consumer')
    for (let index = 0; index < publishers; index += 1) await this.#putToWork('publisher')
  }

  /** Puts a spare in the place of one that is gone, and starts another spare. */
  async replace(role: Role, gone: ActorProcess): Promise<void> {
    this.#atWork[role] = this.#atWork[role].filter((actor) => actor !== gone)
    this.#engage(role, 1)
    await this.#putToWork(role)
  }

  /** Has the publishers finish, and sends spares home. */
  async stopPublishers(): Promise<void> {
    const spares = [...this.#spares.publisher, ...this.#spares.consumer]
    await Promise.all([...this.publishers, ...spares].map((actor) => actor.stop()))
  }

  async stopConsumers(): Promise<void> {
    await Promise.all(this.consumers.map((actor) => actor.stop()))
  }

  /** Who ended, or spoke, as nobody should have. */
  problems(isVictim: (name: string) => boolean): readonly string[] {
    return this.#everybody.flatMap(({ name, end, errors }) => {
      const expected = isVictim(name) ? end?.signal === 'SIGKILL' : end?.code === 0
      const ending = `${name} ended with ${end?.signal ?? end?.code ?? 'nothing: it is still there'}`
      return [
        ...(expected ? [] : [ending]),
        ...(errors === '' ? [] : [`${name} wrote to stderr: ${errors.slice(0, 500).trim()}`]),
      ]
    })
  }

  /** Kills whoever is left. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#everybody.map((actor) => actor.end ?? actor.kill()))
  }

  #engage(role: Role, count: number): void {
    for (let index = 0; index < count; index += 1) this.#spares[role].push(this.#hire(role))
  }

  async #putToWork(role: Role): Promise<void> {
    const actor = this.#spares[role].shift()
    if (actor === undefined) throw new Error(`There is no ${role} to be put to work`)
    await actor.ready
    actor.go()
    this.#atWork[role].push(actor)
  }

  #hire(role: Role): ActorProcess {
    this.#counts[role] += 1
    const name = `${role.charAt(0)}${this.#counts[role]}`
    const config = role === 'consumer' ? this.#consumer(name) : this.#publisher(name)
    const { folder } = this.#options
    const actor = new ActorProcess({
      ...{ name, ...this.#program(role, config) },
      environment: { NODE_COMPILE_CACHE: join(folder, 'compile-cache') },
      errorPath: join(folder, `${name}.stderr`),
    })
    this.#everybody.push(actor)
    return actor
  }

  #program(
    role: Role,
    config: ActorConfig,
  ): Pick<ConstructorParameters<typeof ActorProcess>[0], 'command' | 'args'> {
    const { python } = this.#options
    const text = JSON.stringify(config)
    if (role === 'consumer' && python !== undefined) {
      return { command: python, args: ['-B', join(actorsFolder, 'kombu_consumer.py'), text] }
    }
    const flags = ['--conditions=@dashi/source', '--disable-warning=ExperimentalWarning']
    return { command: process.execPath, args: [...flags, join(actorsFolder, `${role}.ts`), text] }
  }

  #publisher(name: string): PublisherConfig {
    const { plan, subject } = this.#options
    const { messagesPerSecond, publishers, paddingBytes, poisonShare } = plan
    return {
      ...this.#actor(name),
      transportOptions: subject.publisherOptions ?? subject.transportOptions,
      deliveryMode: plan.durability === 'transient' ? 'transient' : 'persistent',
      messagesPerSecond: messagesPerSecond / publishers,
      paddingBytes,
      poisonShare,
      maxOutstanding: 2_000,
    }
  }

  #consumer(name: string): ConsumerConfig {
    const { prefetchCount, workMs, requeueShare } = this.#options.plan
    return { ...this.#actor(name), prefetchCount, workMs, requeueShare }
  }

  #actor(name: string): ActorConfig {
    const { plan, subject, folder } = this.#options
    return {
      name,
      ledger: ledgerPath(folder, name),
      url: subject.url,
      transportOptions: subject.transportOptions,
      queue: queueName,
      queueArguments: subject.queueArguments ?? {},
      defect: plan.defect,
    }
  }
}
