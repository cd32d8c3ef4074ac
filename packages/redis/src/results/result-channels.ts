import { LimitExceededError } from '@dashi/messaging/transport'
import type { MetaListener, ResultContext, ResultMeta } from '@dashi/tasks/results'
import type { RedisServerOptions } from '../options.ts'
import { PubSub } from '../pub-sub/pub-sub.ts'
import type { PubSubMessage } from '../pub-sub/pub-sub-message.ts'
import type { ResultKeys } from './result-keys.ts'

/** Tasks that one session can listen to at a time. */
const maxChannels = 100_000

/** Pause before what could not be read after a reconnect is read again. */
const readAgainMs = 1_000

/** What the channels work with. */
export interface ResultChannelsParts {
  readonly server: string | RedisServerOptions
  readonly keys: ResultKeys
  readonly context: ResultContext
  /** Reads what is kept now. */
  readonly load: (taskId: string) => Promise<ResultMeta | undefined>
}

interface Listening {
  readonly listener: MetaListener
  /** A message has come: what was read before it is older. */
  isToldByMessage: boolean
}

interface Channel {
  readonly listeners: Set<Listening>
  readonly handler: (message: PubSubMessage) => void
  readonly subscribed: Promise<void>
}

/**
 * Listens to tasks, on one connection for all of them. Subscribed first and read then, also after a reconnect: what happens in
 * between comes as a message.
 */
export class ResultChannels {
  readonly #parts: ResultChannelsParts
  readonly #channels = new Map<string, Channel>()
  readonly #pubSub: PubSub
  #isClosed = false

  constructor(parts: ResultChannelsParts) {
    this.#parts = parts
    const { server, context } = parts
    this.#pubSub = new PubSub(server, { timeoutMs: context.operationTimeoutMs })
    this.#pubSub.on('gap', () => void this.#readAll())
    this.#pubSub.on('error', context.onWarning)
  }

  /**
   * @throws {LimitExceededError} too many tasks are listened to; {ConnectionError} `TIMED_OUT`, `CONNECTION_CLOSED`; what reading
   *   throws.
   */
  async watch(taskId: string, listener: MetaListener): Promise<() => void> {
    const channel = this.#channels.get(taskId) ?? this.#open(taskId)
    const listening: Listening = { listener, isToldByMessage: false }
    channel.listeners.add(listening)
    const stop = () => this.#stop(taskId, channel, listening)
    try {
      await channel.subscribed
      const meta = await this.#parts.load(taskId)
      if (meta !== undefined) tellRead(listening, meta)
      return stop
    } catch (error) {
      stop()
      throw error
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true
    this.#channels.clear()
    await this.#pubSub.close()
  }

  #open(taskId: string): Channel {
    if (this.#channels.size >= maxChannels) throw tooMany(taskId)
    const listeners = new Set<Listening>()
    const handler = (message: PubSubMessage) => this.#received(taskId, message)
    const subscribed = this.#pubSub.subscribe(this.#parts.keys.task(taskId), handler)
    const channel: Channel = { listeners, handler, subscribed }
    this.#channels.set(taskId, channel)
    return channel
  }

  #stop(taskId: string, channel: Channel, listening: Listening): void {
    channel.listeners.delete(listening)
    if (channel.listeners.size > 0 || this.#channels.get(taskId) !== channel) return
    this.#channels.delete(taskId)
    const { keys, context } = this.#parts
    this.#pubSub.unsubscribe(keys.task(taskId), channel.handler).catch(context.onWarning)
  }

  #received(taskId: string, message: PubSubMessage): void {
    const channel = this.#channels.get(taskId)
    if (channel === undefined) return
    const meta = this.#parts.context.metas.read(message.data, taskId)
    for (const listening of [...channel.listeners]) {
      listening.isToldByMessage = true
      listening.listener(meta)
    }
  }

  /** After a reconnect, when everything is subscribed again. */
  async #readAll(): Promise<void> {
    for (const { listeners } of this.#channels.values()) {
      for (const listening of listeners) listening.isToldByMessage = false
    }
    try {
      await Promise.all(
        [...this.#channels].map(([taskId, channel]) => this.#readOne(taskId, channel)),
      )
    } catch (error) {
      if (this.#isClosed) return
      this.#parts.context.onWarning(error)
      setTimeout(() => void this.#readAll(), readAgainMs).unref()
    }
  }

  async #readOne(taskId: string, { listeners }: Channel): Promise<void> {
    const meta = await this.#parts.load(taskId)
    if (meta === undefined) return
    for (const listening of [...listeners]) tellRead(listening, meta)
  }
}

function tellRead(listening: Listening, meta: ResultMeta): void {
  if (!listening.isToldByMessage) listening.listener(meta)
}

function tooMany(taskId: string): LimitExceededError {
  return new LimitExceededError(
    `Cannot listen to task ${taskId}: this client listens to ${maxChannels} tasks already. Wait for some of them first, or link tasks to a chord`,
  )
}
