import { checkOptions } from '@dashi/messaging/transport'
import type {
  MetaListener,
  ResultContext,
  ResultMeta,
  ResultSession,
  ResultStore,
} from '@dashi/tasks/results'
import { addressOf } from '../connection/connect.ts'
import { type LinkedClient, RedisLink } from '../connection/redis-link.ts'
import type { RedisServerOptions } from '../options.ts'
import { serverOf } from '../server-of.ts'
import { ResultChannels } from './result-channels.ts'
import { ResultKeys } from './result-keys.ts'
import { ResultWriter } from './result-writer.ts'
import { TurnBatch } from './turn-batch.ts'

/** How results in Redis are kept. */
export interface RedisResultsOptions {
  /** In front of every key. Default ''. */
  readonly globalKeyprefix?: string | undefined
}

/**
 * Results in Redis, under Celery's keys: anybody can read them, and who waits is told by a message.
 *
 * @param server A URL (`redis://`, `rediss://`, `redis+socket://`, `sentinel://`) or options.
 * @throws {ConfigurationError} `BAD_OPTION`.
 * @example
 * const app = new App('shop', { backend: redisResults({ host: 'localhost', database: 1 }) })
 */
export function redisResults(
  server: string | RedisServerOptions = {},
  options: RedisResultsOptions = {},
): ResultStore {
  checkOptions('redisResults()', options, { globalKeyprefix: { type: 'string' } })
  const keys = new ResultKeys(options.globalKeyprefix ?? '')
  const address = addressOf(serverOf(server, 'the Redis result store'))
  return {
    name: 'redis',
    address: `redis://${address}`,
    open: (context) => new RedisResultSession(server, keys, context),
  }
}

/** The link for commands and the connection for messages are made when first used, each. */
class RedisResultSession implements ResultSession {
  readonly replyTo = ''
  readonly #link: RedisLink
  readonly #keys: ResultKeys
  readonly #context: ResultContext
  readonly #channels: ResultChannels
  readonly #writer: ResultWriter
  readonly #reader: TurnBatch<string, Buffer | null>

  constructor(server: string | RedisServerOptions, keys: ResultKeys, context: ResultContext) {
    const link = new RedisLink(server)
    const load = (taskId: string) => this.load(taskId)
    this.#link = link
    this.#keys = keys
    this.#context = context
    this.#writer = new ResultWriter({ link, keys, context })
    this.#reader = new TurnBatch({
      link,
      timeoutMs: context.operationTimeoutMs,
      run: (client, taskId) => client.sendForBytes<Buffer | null>(['GET', keys.task(taskId)]),
      doing: (taskId) => `read the result of task ${taskId}`,
    })
    this.#channels = new ResultChannels({ server, keys, context, load })
  }

  /** A result is kept until somebody waits for it. */
  prepare(): undefined {
    return undefined
  }

  async store(meta: ResultMeta): Promise<void> {
    await this.#writer.store(meta)
  }

  async load(taskId: string): Promise<ResultMeta | undefined> {
    const bytes = await this.#reader.add(taskId)
    return bytes === null ? undefined : this.#context.metas.read(bytes, taskId)
  }

  watch(taskId: string, listener: MetaListener): Promise<() => void> {
    return this.#channels.watch(taskId, listener)
  }

  async forget(taskId: string): Promise<void> {
    await this.#delete(this.#keys.task(taskId), `forget the result of task ${taskId}`)
  }

  async storeGroup(groupId: string, result: unknown): Promise<void> {
    const { metas, expiresMs } = this.#context
    const written = metas.writeGroup(result)
    const payload = typeof written === 'string' ? written : Buffer.from(written)
    const key = this.#keys.group(groupId)
    const expiry = expiresMs === undefined ? [] : ['PX', String(Math.ceil(expiresMs))]
    const doing = `store group ${groupId}`
    await this.#use(({ client }) => client.send(['SET', key, payload, ...expiry]), doing)
  }

  async loadGroup(groupId: string): Promise<unknown> {
    const key = this.#keys.group(groupId)
    const read = ({ client }: LinkedClient) => client.sendForBytes<Buffer | null>(['GET', key])
    const bytes = await this.#use(read, `read group ${groupId}`)
    return bytes === null ? undefined : this.#context.metas.readGroup(bytes, groupId)
  }

  async forgetGroup(groupId: string): Promise<void> {
    await this.#delete(this.#keys.group(groupId), `forget group ${groupId}`)
  }

  /** Redis does so by itself. */
  async cleanup(): Promise<number> {
    return 0
  }

  async close(): Promise<void> {
    await Promise.all([this.#channels.close(), this.#link.close()])
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  async #delete(key: string, doing: string): Promise<void> {
    await this.#use(({ client }) => client.send(['DEL', key]), doing)
  }

  #use<Value>(operation: (linked: LinkedClient) => Promise<Value>, doing: string): Promise<Value> {
    const signal = AbortSignal.timeout(this.#context.operationTimeoutMs)
    return this.#link.use(operation, { doing, signal, isHarmlessTwice: true })
  }
}
