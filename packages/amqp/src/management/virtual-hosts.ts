import type { OperationOptions } from '@dashi/messaging/transport'
import { type ManagementApi, textIn } from './api.ts'

/** Virtual hosts of the broker. */
export class ManagedVirtualHosts {
  readonly #api: ManagementApi

  constructor(api: ManagementApi) {
    this.#api = api
  }

  /** Their names. */
  async list(options?: OperationOptions): Promise<readonly string[]> {
    const records = await this.#api.list({ ...options, path: ['vhosts'] })
    return records.map((record) => textIn(record, 'name'))
  }

  /** Idempotent. Nobody may enter it before permissions are set, except its maker. */
  async create(name: string, options?: OperationOptions): Promise<void> {
    await this.#api.put({ ...options, path: ['vhosts', name] })
  }

  /** With everything in it. @throws {ChannelError} `NOT_FOUND`. */
  async delete(name: string, options?: OperationOptions): Promise<void> {
    await this.#api.delete({ ...options, path: ['vhosts', name] })
  }
}
