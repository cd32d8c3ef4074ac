import type { OperationOptions } from '@dashi/messaging/transport'
import { type ApiRecord, type ManagementApi, numberIn, recordIn, textIn } from './api.ts'

/** Arguments that the broker gives to all queues or exchanges with such names. */
export interface PolicyInfo {
  readonly name: string
  /** A regular expression for names. */
  readonly pattern: string
  /** E.g. `{ 'max-length': 1000, 'dead-letter-exchange': 'dead' }`. */
  readonly definition: Readonly<Record<string, unknown>>
  /** Of several, the one with the highest counts. */
  readonly priority: number
  /** E.g. `queues`, `quorum_queues`, `exchanges`, `all`. */
  readonly applyTo: string
}

/** What a policy is made with. Left out: priority 0, for queues and exchanges. */
export type PolicySpec = Pick<PolicyInfo, 'pattern' | 'definition'> &
  Partial<Pick<PolicyInfo, 'priority' | 'applyTo'>>

/** Policies of a virtual host. */
export class ManagedPolicies {
  readonly #api: ManagementApi

  constructor(api: ManagementApi) {
    this.#api = api
  }

  async list(options?: OperationOptions): Promise<readonly PolicyInfo[]> {
    const path = ['policies', this.#api.virtualHost]
    return (await this.#api.list({ ...options, path })).map(policyInfo)
  }

  /** Makes a policy, or changes one. @throws {ChannelError} `PRECONDITION_FAILED`: it means nothing. */
  async put(name: string, spec: PolicySpec, options?: OperationOptions): Promise<void> {
    const { pattern, definition, priority = 0, applyTo = 'all' } = spec
    const body = { pattern, definition, priority, 'apply-to': applyTo }
    await this.#api.put({ ...options, path: this.#path(name), body })
  }

  /** @throws {ChannelError} `NOT_FOUND`. */
  async delete(name: string, options?: OperationOptions): Promise<void> {
    await this.#api.delete({ ...options, path: this.#path(name) })
  }

  #path(name: string): readonly string[] {
    return ['policies', this.#api.virtualHost, name]
  }
}

function policyInfo(record: ApiRecord): PolicyInfo {
  return {
    name: textIn(record, 'name'),
    pattern: textIn(record, 'pattern'),
    definition: recordIn(record, 'definition'),
    priority: numberIn(record, 'priority'),
    applyTo: textIn(record, 'apply-to'),
  }
}
