import { Exchange, Queue } from '@dashi/messaging'
import type { QueueSetting } from '../configuration/routing-settings.ts'
import type { Settings } from '../configuration/settings.ts'
import { TaskError } from '../errors.ts'

/**
 * The queues of an app by name. Those that nobody has configured are made when first named, if the settings allow.
 *
 * Source: celery/app/amqp.py, Queues.
 */
export class KnownQueues {
  readonly #settings: Settings
  readonly #queues = new Map<string, Queue>()
  /** Names that workers consume when nothing is selected. */
  readonly #consumed: readonly string[]

  constructor(settings: Settings) {
    this.#settings = settings
    const configured = settings.taskQueues ?? [this.#default()]
    for (const setting of configured) this.#add(setting)
    this.#consumed = [...this.#queues.keys()]
  }

  get consumed(): readonly string[] {
    return this.#consumed
  }

  /** @throws {TaskError} `QUEUE_NOT_FOUND`. */
  get(name: string): Queue {
    const known = this.#queues.get(name)
    if (known !== undefined) return known
    if (!this.#settings.taskCreateMissingQueues) throw notFound(name, this.#queues.keys())
    return this.#add(this.#missing(name))
  }

  #add(setting: QueueSetting): Queue {
    const queue = setting instanceof Queue ? this.#completed(setting) : this.#made(setting)
    this.#queues.set(queue.name, queue)
    return queue
  }

  #default(): QueueSetting {
    return { name: this.#settings.taskDefaultQueue, queueArguments: this.#typeArgument() }
  }

  #missing(name: string): QueueSetting {
    const { taskCreateMissingQueueExchangeType } = this.#settings
    const exchangeType = taskCreateMissingQueueExchangeType ?? 'direct'
    const queueArguments = this.#typeArgument()
    return { name, exchange: name, exchangeType, routingKey: name, queueArguments }
  }

  #made(setting: Exclude<QueueSetting, Queue>): Queue {
    const { taskDefaultExchange, taskDefaultExchangeType, taskDefaultQueue } = this.#settings
    const exchange = setting.exchange ?? taskDefaultExchange ?? taskDefaultQueue
    const type = setting.exchangeType ?? taskDefaultExchangeType
    const maxPriority = setting.maxPriority ?? this.#settings.taskQueueMaxPriority
    return new Queue(setting.name, {
      exchange: new Exchange(exchange, { type }),
      routingKey: setting.routingKey ?? setting.bindingKey ?? this.#defaultKey(),
      queueArguments: setting.queueArguments,
      ...(maxPriority === null ? {} : { maxPriority }),
    })
  }

  /** A queue without an exchange of its own gets the default one. */
  #completed(queue: Queue): Queue {
    if (queue.bindings.length > 0 || (queue.exchange?.name ?? '') !== '') return queue
    const { taskDefaultExchange, taskDefaultExchangeType, taskDefaultQueue } = this.#settings
    const exchange = new Exchange(taskDefaultExchange ?? taskDefaultQueue, {
      type: taskDefaultExchangeType,
    })
    const { name, ...options } = queue
    const routingKey = queue.routingKey || this.#defaultKey()
    return new Queue(name, { ...options, exchange, routingKey })
  }

  #defaultKey(): string {
    return this.#settings.taskDefaultRoutingKey ?? this.#settings.taskDefaultQueue
  }

  /** Of queues that nobody has configured: those that are say it themselves. */
  #typeArgument(): Readonly<Record<string, unknown>> {
    return this.#settings.taskDefaultQueueType === 'quorum' ? { 'x-queue-type': 'quorum' } : {}
  }
}

function notFound(name: string, known: Iterable<string>): TaskError {
  const names = [...known].map((one) => `"${one}"`).join(', ')
  return new TaskError(
    'QUEUE_NOT_FOUND',
    `There is no queue "${name}" in taskQueues (there are ${names}), and taskCreateMissingQueues is false. ` +
      'Add it there, or correct the name',
  )
}
