import type { ExchangeDeclaration, OperationOptions } from '@dashi/messaging/transport'
import { type ApiRecord, type ManagementApi, recordIn, textIn } from './api.ts'

/** An exchange as the broker sees it. */
export interface ExchangeInfo extends Omit<ExchangeDeclaration, 'passive'> {
  /** Only other exchanges can publish to it. */
  readonly internal: boolean
}

/** What an exchange is declared with. Left out: direct, durable, no arguments. */
export type ExchangeSpec = Partial<Omit<ExchangeInfo, 'name'>>

/** Exchanges of a virtual host. */
export class ManagedExchanges {
  readonly #api: ManagementApi

  constructor(api: ManagementApi) {
    this.#api = api
  }

  async list(options?: OperationOptions): Promise<readonly ExchangeInfo[]> {
    const path = ['exchanges', this.#api.virtualHost]
    return (await this.#api.list({ ...options, path })).map(exchangeInfo)
  }

  /** @throws {ChannelError} `NOT_FOUND`. */
  async get(name: string, options?: OperationOptions): Promise<ExchangeInfo> {
    return exchangeInfo(await this.#api.get({ ...options, path: this.#path(name) }))
  }

  /** @throws {ChannelError} `PRECONDITION_FAILED`: it exists, and otherwise. */
  async declare(name: string, spec: ExchangeSpec = {}, options?: OperationOptions): Promise<void> {
    const { type = 'direct', durable = true, autoDelete = false, internal = false } = spec
    const body = {
      type,
      durable,
      auto_delete: autoDelete,
      internal,
      arguments: spec.arguments ?? {},
    }
    await this.#api.put({ ...options, path: this.#path(name), body })
  }

  /** @throws {ChannelError} `NOT_FOUND`; with `ifUnused` `PRECONDITION_FAILED`. */
  async delete(
    name: string,
    options: OperationOptions & { readonly ifUnused?: boolean } = {},
  ): Promise<void> {
    const { signal, ifUnused } = options
    const query = ifUnused ? 'if-unused=true' : undefined
    await this.#api.delete({ signal, query, path: this.#path(name) })
  }

  #path(name: string): readonly string[] {
    return ['exchanges', this.#api.virtualHost, name]
  }
}

function exchangeInfo(record: ApiRecord): ExchangeInfo {
  return {
    name: textIn(record, 'name'),
    type: textIn(record, 'type'),
    durable: record['durable'] === true,
    autoDelete: record['auto_delete'] === true,
    internal: record['internal'] === true,
    arguments: recordIn(record, 'arguments'),
  }
}
