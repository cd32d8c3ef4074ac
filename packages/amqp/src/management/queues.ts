import type { DeleteOptions, OperationOptions, QueueDeclaration } from '@dashi/messaging/transport'
import { type ApiRecord, type ManagementApi, numberIn, recordIn, textIn } from './api.ts'

/** A queue as the broker sees it. The counts lag some seconds behind. */
export interface QueueInfo extends Omit<QueueDeclaration, 'passive'> {
  /** `classic`, `quorum` or `stream`. */
  readonly type: string
  /** E.g. `running`. */
  readonly state: string
  /** Waiting and held. */
  readonly messageCount: number
  readonly readyCount: number
  readonly unacknowledgedCount: number
  readonly consumerCount: number
}

/** What a queue is declared with. Left out: durable, no arguments. */
export type QueueSpec = Partial<Pick<QueueDeclaration, 'durable' | 'autoDelete' | 'arguments'>>

/** Queues of a virtual host. */
export class ManagedQueues {
  readonly #api: ManagementApi

  constructor(api: ManagementApi) {
    this.#api = api
  }

  async list(options?: OperationOptions): Promise<readonly QueueInfo[]> {
    const path = ['queues', this.#api.virtualHost]
    return (await this.#api.list({ ...options, path })).map(queueInfo)
  }

  /** @throws {ChannelError} `NOT_FOUND`. */
  async get(name: string, options?: OperationOptions): Promise<QueueInfo> {
    return queueInfo(await this.#api.get({ ...options, path: this.#path(name) }))
  }

  /** @throws {ChannelError} `PRECONDITION_FAILED`: it exists, and otherwise. */
  async declare(name: string, spec: QueueSpec = {}, options?: OperationOptions): Promise<void> {
    const { durable = true, autoDelete = false } = spec
    const body = { durable, auto_delete: autoDelete, arguments: spec.arguments ?? {} }
    await this.#api.put({ ...options, path: this.#path(name), body })
  }

  /** Removes what waits; what is held stays. */
  async purge(name: string, options?: OperationOptions): Promise<void> {
    await this.#api.delete({ ...options, path: [...this.#path(name), 'contents'] })
  }

  /** @throws {ChannelError} `NOT_FOUND`; with a condition that does not hold `PRECONDITION_FAILED`. */
  async delete(name: string, options: DeleteOptions = {}): Promise<void> {
    const { signal, ifUnused, ifEmpty } = options
    const conditions = [ifUnused && 'if-unused=true', ifEmpty && 'if-empty=true'].filter(Boolean)
    await this.#api.delete({ signal, query: conditions.join('&'), path: this.#path(name) })
  }

  #path(name: string): readonly string[] {
    return ['queues', this.#api.virtualHost, name]
  }
}

function queueInfo(record: ApiRecord): QueueInfo {
  return {
    name: textIn(record, 'name'),
    type: textIn(record, 'type') || 'classic',
    state: textIn(record, 'state'),
    durable: record['durable'] === true,
    exclusive: record['exclusive'] === true,
    autoDelete: record['auto_delete'] === true,
    arguments: recordIn(record, 'arguments'),
    messageCount: numberIn(record, 'messages'),
    readyCount: numberIn(record, 'messages_ready'),
    unacknowledgedCount: numberIn(record, 'messages_unacknowledged'),
    consumerCount: numberIn(record, 'consumers'),
  }
}
