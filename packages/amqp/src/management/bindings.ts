import type { BindingDeclaration, OperationOptions } from '@dashi/messaging/transport'
import { type ApiRecord, type ManagementApi, recordIn, textIn } from './api.ts'

/** A binding as the broker sees it. */
export interface BindingInfo extends BindingDeclaration {
  readonly destinationType: 'queue' | 'exchange'
  /** Names it among those between the same two. */
  readonly propertiesKey: string
}

/** What a binding is made with. Left out: a queue, the empty key, no arguments. */
export type BindingSpec = Pick<BindingDeclaration, 'exchange' | 'destination'> &
  Partial<Pick<BindingInfo, 'destinationType' | 'routingKey' | 'arguments'>>

/** Bindings of a virtual host. */
export class ManagedBindings {
  readonly #api: ManagementApi

  constructor(api: ManagementApi) {
    this.#api = api
  }

  async list(options?: OperationOptions): Promise<readonly BindingInfo[]> {
    const path = ['bindings', this.#api.virtualHost]
    return (await this.#api.list({ ...options, path })).map(bindingInfo)
  }

  /** Those of a queue, that to the default exchange included. */
  async ofQueue(queue: string, options?: OperationOptions): Promise<readonly BindingInfo[]> {
    const path = ['queues', this.#api.virtualHost, queue, 'bindings']
    return (await this.#api.list({ ...options, path })).map(bindingInfo)
  }

  /** Those through which an exchange's messages leave. */
  async ofExchange(exchange: string, options?: OperationOptions): Promise<readonly BindingInfo[]> {
    const path = ['exchanges', this.#api.virtualHost, exchange, 'bindings', 'source']
    return (await this.#api.list({ ...options, path })).map(bindingInfo)
  }

  /** @throws {ChannelError} `NOT_FOUND`. */
  async bind(spec: BindingSpec, options?: OperationOptions): Promise<void> {
    const body = { routing_key: spec.routingKey ?? '', arguments: spec.arguments ?? {} }
    await this.#api.post({ ...options, path: this.#path(spec), body })
  }

  /** Removes one binding. Take it from a list: its `propertiesKey` says which. */
  async unbind(binding: BindingInfo, options?: OperationOptions): Promise<void> {
    const path = [...this.#path(binding), binding.propertiesKey]
    await this.#api.delete({ ...options, path })
  }

  #path({ exchange, destination, destinationType }: BindingSpec): readonly string[] {
    const kind = destinationType === 'exchange' ? 'e' : 'q'
    return ['bindings', this.#api.virtualHost, 'e', exchange, kind, destination]
  }
}

function bindingInfo(record: ApiRecord): BindingInfo {
  return {
    exchange: textIn(record, 'source'),
    destination: textIn(record, 'destination'),
    destinationType: record['destination_type'] === 'exchange' ? 'exchange' : 'queue',
    routingKey: textIn(record, 'routing_key'),
    arguments: recordIn(record, 'arguments'),
    propertiesKey: textIn(record, 'properties_key'),
  }
}
