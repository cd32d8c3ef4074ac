import type { OperationOptions } from '@dashi/messaging/transport'
import { type ApiRecord, type ManagementApi, recordIn, textIn } from './api.ts'

/** A client's connection as the broker sees it. New ones appear after some seconds. */
export interface BrokerConnectionInfo {
  /** Names it, e.g. `127.0.0.1:50000 -> 127.0.0.1:5672`. */
  readonly name: string
  readonly user: string
  readonly virtualHost: string
  /** E.g. `running`, `blocked`, `flow`. */
  readonly state: string
  /** What the client calls itself: our `connectionName` and the role. */
  readonly connectionName: string
}

/** Connections of all clients. */
export class ManagedConnections {
  readonly #api: ManagementApi

  constructor(api: ManagementApi) {
    this.#api = api
  }

  async list(options?: OperationOptions): Promise<readonly BrokerConnectionInfo[]> {
    return (await this.#api.list({ ...options, path: ['connections'] })).map(connectionInfo)
  }

  /** Ends a connection as an operator would: its client is told why. */
  async close(
    name: string,
    options: OperationOptions & { readonly reason?: string } = {},
  ): Promise<void> {
    const { signal, reason = 'closed by the management API' } = options
    const headers = { 'x-reason': reason }
    await this.#api.delete({ signal, headers, path: ['connections', name] })
  }
}

function connectionInfo(record: ApiRecord): BrokerConnectionInfo {
  return {
    name: textIn(record, 'name'),
    user: textIn(record, 'user'),
    virtualHost: textIn(record, 'vhost'),
    state: textIn(record, 'state'),
    connectionName: textIn(recordIn(record, 'client_properties'), 'connection_name'),
  }
}
