import type { OperationOptions } from '@dashi/messaging/transport'
import { type ApiRecord, type ManagementApi, textIn, wordsIn } from './api.ts'

/** A user. Passwords are never told. */
export interface UserInfo {
  readonly name: string
  /** E.g. `administrator`, `management`, `monitoring`. */
  readonly tags: readonly string[]
}

/** What a user is made with. */
export interface UserSpec {
  /** `undefined`: nobody can log in with a password, e.g. because a certificate says who it is. */
  readonly password?: string | undefined
  readonly tags?: readonly string[] | undefined
}

/** What a user may do in a virtual host: patterns of names. */
export interface Permissions {
  readonly configure: string
  readonly write: string
  readonly read: string
}

/** The permissions of one user. */
export interface PermissionInfo extends Permissions {
  readonly user: string
  readonly virtualHost: string
}

/** Users of the broker. */
export class ManagedUsers {
  readonly #api: ManagementApi

  constructor(api: ManagementApi) {
    this.#api = api
  }

  async list(options?: OperationOptions): Promise<readonly UserInfo[]> {
    return (await this.#api.list({ ...options, path: ['users'] })).map(userInfo)
  }

  /** Makes a user, or changes one. */
  async put(name: string, spec: UserSpec, options?: OperationOptions): Promise<void> {
    const { password, tags = [] } = spec
    const secret = password === undefined ? { password_hash: '' } : { password }
    const body = { ...secret, tags: tags.join(',') }
    await this.#api.put({ ...options, path: ['users', name], body })
  }

  /** @throws {ChannelError} `NOT_FOUND`. */
  async delete(name: string, options?: OperationOptions): Promise<void> {
    await this.#api.delete({ ...options, path: ['users', name] })
  }
}

/** Permissions of users, in a virtual host. */
export class ManagedPermissions {
  readonly #api: ManagementApi

  constructor(api: ManagementApi) {
    this.#api = api
  }

  /** Of all users and virtual hosts. */
  async list(options?: OperationOptions): Promise<readonly PermissionInfo[]> {
    return (await this.#api.list({ ...options, path: ['permissions'] })).map(permissionInfo)
  }

  /** Allows a user what the patterns say. Default: everything. */
  async set(
    user: string,
    given: Partial<Permissions> = {},
    options?: OperationOptions,
  ): Promise<void> {
    const body = { configure: '.*', write: '.*', read: '.*', ...given }
    await this.#api.put({ ...options, path: this.#path(user), body })
  }

  /** The user may not enter the virtual host any more. */
  async clear(user: string, options?: OperationOptions): Promise<void> {
    await this.#api.delete({ ...options, path: this.#path(user) })
  }

  #path(user: string): readonly string[] {
    return ['permissions', this.#api.virtualHost, user]
  }
}

function userInfo(record: ApiRecord): UserInfo {
  return { name: textIn(record, 'name'), tags: wordsIn(record, 'tags') }
}

function permissionInfo(record: ApiRecord): PermissionInfo {
  return {
    user: textIn(record, 'user'),
    virtualHost: textIn(record, 'vhost'),
    configure: textIn(record, 'configure'),
    write: textIn(record, 'write'),
    read: textIn(record, 'read'),
  }
}
