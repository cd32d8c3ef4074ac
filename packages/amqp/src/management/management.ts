/** A client of RabbitMQ's management API. Kombu's `get_manager()`. */
import {
  ConfigurationError,
  checkOptions,
  type OperationOptions,
  type OptionSpecs,
} from '@dashi/messaging/transport'
import { ManagementApi, textIn } from './api.ts'
import { ManagedBindings } from './bindings.ts'
import { ManagedConnections } from './connections.ts'
import { ManagedExchanges } from './exchanges.ts'
import { ManagedPolicies } from './policies.ts'
import { ManagedQueues } from './queues.ts'
import type { ManagementPlace } from './request.ts'
import { ManagedPermissions, ManagedUsers } from './users.ts'
import { ManagedVirtualHosts } from './virtual-hosts.ts'

/** How to reach the management API. */
export interface ManagementOptions {
  /** User and password may be in it. Default `http://localhost:15672`. */
  readonly url?: string | undefined
  /** Default: the URL's, else `guest`. */
  readonly userid?: string | undefined
  /** Default: the URL's, else `guest`. */
  readonly password?: string | undefined
  /** Whose exchanges, queues, bindings, permissions and policies. Default `/`. */
  readonly virtualHost?: string | undefined
  /** Deadline of each request. Default 10 000. */
  readonly timeoutMs?: number | undefined
}

const specs: OptionSpecs = {
  url: { type: 'string', min: 1, secret: true },
  userid: 'string',
  password: 'string',
  virtualHost: { type: 'string', min: 1 },
  timeoutMs: { type: 'number', min: 1 },
}

/** Needs the broker's plugin `rabbitmq_management`, and a user with the tag `management` or more. Holds no connection. */
export class Management {
  readonly exchanges: ManagedExchanges
  readonly queues: ManagedQueues
  readonly bindings: ManagedBindings
  readonly users: ManagedUsers
  readonly permissions: ManagedPermissions
  readonly virtualHosts: ManagedVirtualHosts
  readonly policies: ManagedPolicies
  readonly connections: ManagedConnections
  readonly #api: ManagementApi

  /** @throws {ConfigurationError} `BAD_OPTION`. */
  constructor(options: ManagementOptions = {}) {
    checkOptions('the management client', options, specs)
    const api = new ManagementApi(placeOf(options), options.virtualHost ?? '/')
    this.#api = api
    this.exchanges = new ManagedExchanges(api)
    this.queues = new ManagedQueues(api)
    this.bindings = new ManagedBindings(api)
    this.users = new ManagedUsers(api)
    this.permissions = new ManagedPermissions(api)
    this.virtualHosts = new ManagedVirtualHosts(api)
    this.policies = new ManagedPolicies(api)
    this.connections = new ManagedConnections(api)
  }

  /** The broker's version, e.g. `3.10.8`: shows that it answers, and that we may ask. */
  async version(options?: OperationOptions): Promise<string> {
    return textIn(await this.#api.get({ ...options, path: ['overview'] }), 'rabbitmq_version')
  }
}

function placeOf(options: ManagementOptions): ManagementPlace {
  const url = urlOf(options.url ?? 'http://localhost:15672')
  const userid = options.userid ?? (decodeURIComponent(url.username) || 'guest')
  const password = options.password ?? (decodeURIComponent(url.password) || 'guest')
  const secret = Buffer.from(`${userid}:${password}`).toString('base64')
  return {
    origin: url.origin,
    authorization: `Basic ${secret}`,
    timeoutMs: options.timeoutMs ?? 10_000,
  }
}

function urlOf(text: string): URL {
  const url = URL.parse(text)
  if (url?.protocol === 'http:' || url?.protocol === 'https:') return url
  throw new ConfigurationError(
    'BAD_OPTION',
    'Option "url" of the management client has to be an http or https URL, e.g. http://localhost:15672',
  )
}
