import { setTimeout as sleep } from 'node:timers/promises'
import { backoffMs } from './backoff.ts'
import type { MessageListener, RedisClient } from './client.ts'
import { LostError } from './client-errors.ts'
import { type Argument, byText } from './command.ts'
import { type NodeAddress, type Redirection, redirectionOf } from './redirection.ts'
import type { RedisWriter, ReplicaWish } from './replicated-writer.ts'
import type { Script } from './script.ts'
import { ShardTable } from './shard-table.ts'

/** What a redirecting client is made of. */
export interface RedirectingParts {
  /** The connection to begin with. */
  readonly client: RedisClient
  /** Where that leads. */
  readonly address: NodeAddress
  /** Connects to another node. */
  readonly dial: (node: NodeAddress, signal: AbortSignal) => Promise<RedisClient>
}

interface Node {
  readonly client: RedisClient
  readonly address: NodeAddress
}

/** Sends, at once. `isAsking`: behind an `ASKING`, which covers one command. */
type Use<Answer> = (node: Node, isAsking: boolean) => Promise<Answer>

/** How long a slot may take to move before whoever waits is told. */
const patienceMs = 30_000
/** Following as often in a row, a client that goes round in circles begins to pause. */
const maxEager = 3

/**
 * A connection to the node of a cluster where the keys are, which goes after them when they move.
 *
 * A node that redirects has done nothing, so that following loses and doubles nothing. Commands that are
 * under way at that moment may overtake each other.
 */
export class RedirectingClient implements RedisClient {
  readonly #dial: RedirectingParts['dial']
  /** Has the channels and patterns, which are served everywhere. */
  readonly #first: Node
  readonly #nodes = new Map<string, Promise<Node>>()
  readonly #shards = new ShardTable((channel) => this.destroy(dropped(channel)))
  readonly #invalidated = new Set<(key: string | undefined) => void>()
  readonly #moved = new Set<(channel: string) => void>()
  readonly #ending = new AbortController()
  readonly #ended = Promise.withResolvers<Error | undefined>()
  #home: Node
  #isListening = false
  #reason: Error | undefined

  constructor({ client, address, dial }: RedirectingParts) {
    this.#dial = dial
    this.#first = { client, address }
    this.#home = this.#first
    this.#nodes.set(nameOf(address), Promise.resolve(this.#first))
    this.#adopt(this.#first)
  }

  get server(): NodeAddress {
    return this.#first.address
  }

  get closed(): Promise<Error | undefined> {
    return this.#ended.promise
  }

  send<Answer>(command: readonly Argument[]): Promise<Answer> {
    return this.#follow(({ client }) => client.send<Answer>(command))
  }

  sendForBytes<Answer>(command: readonly Argument[]): Promise<Answer> {
    return this.#follow(({ client }) => client.sendForBytes<Answer>(command))
  }

  // A second attempt, by text, would come without the ASKING.
  run<Answer>(script: Script, keys: readonly string[], args: readonly Argument[]): Promise<Answer> {
    return this.#follow(({ client }, isAsking) =>
      isAsking
        ? client.send<Answer>(byText(script, keys, args))
        : client.run<Answer>(script, keys, args),
    )
  }

  runForBytes<Answer>(
    script: Script,
    keys: readonly string[],
    args: readonly Argument[],
  ): Promise<Answer> {
    return this.#follow(({ client }, isAsking) =>
      isAsking
        ? client.sendForBytes<Answer>(byText(script, keys, args))
        : client.runForBytes<Answer>(script, keys, args),
    )
  }

  // As one: what was written at one node is not confirmed by another's replicas.
  confirmedBy(wish: ReplicaWish): RedisWriter {
    return {
      send: (command) => this.#follow(({ client }) => client.confirmedBy(wish).send(command)),
      run: (script, keys, args) =>
        this.#follow(({ client }, isAsking) => {
          const writer = client.confirmedBy(wish)
          return isAsking ? writer.send(byText(script, keys, args)) : writer.run(script, keys, args)
        }),
    }
  }

  subscribe(channel: string, listener: MessageListener): Promise<void> {
    this.#isListening = true
    return this.#first.client.subscribe(channel, listener)
  }

  unsubscribe(channel: string): Promise<void> {
    return this.#first.client.unsubscribe(channel)
  }

  psubscribe(pattern: string, listener: MessageListener): Promise<void> {
    this.#isListening = true
    return this.#first.client.psubscribe(pattern, listener)
  }

  punsubscribe(pattern: string): Promise<void> {
    return this.#first.client.punsubscribe(pattern)
  }

  ssubscribe(channel: string, listener: MessageListener): Promise<void> {
    return this.#follow(async ({ client }) => {
      await client.ssubscribe(channel, listener)
      this.#shards.set(channel, { client, listener })
    })
  }

  async sunsubscribe(channel: string): Promise<void> {
    const shard = this.#shards.get(channel)
    this.#shards.delete(channel)
    await shard?.client.sunsubscribe(channel)
  }

  onInvalidated(listener: (key: string | undefined) => void): void {
    this.#invalidated.add(listener)
  }

  /** Told when it has been followed. What was published in between was missed. */
  onShardMoved(listener: (channel: string) => void): void {
    this.#moved.add(listener)
  }

  destroy(reason?: Error): void {
    if (this.#ending.signal.aborted) return
    this.#reason = reason
    this.#shards.stop()
    this.#ending.abort()
    this.#ended.resolve(reason)
    for (const node of this.#nodes.values()) {
      node.then(
        ({ client }) => client.destroy(reason),
        () => undefined,
      )
    }
  }

  #follow<Answer>(use: Use<Answer>): Promise<Answer> {
    const node = this.#home
    return use(node, false).catch((error: unknown) => this.#redirected(error, node, use))
  }

  async #redirected<Answer>(first: unknown, asked: Node, use: Use<Answer>): Promise<Answer> {
    const untilMs = performance.now() + patienceMs
    let error = first
    for (let attempt = 1; ; attempt += 1) {
      const redirection = redirectionOf(error, asked.address)
      if (redirection === undefined || performance.now() > untilMs) throw error
      try {
        return await this.#again(redirection, use, attempt)
      } catch (next) {
        error = next
      }
    }
  }

  async #again<Answer>(
    redirection: Redirection,
    use: Use<Answer>,
    attempt: number,
  ): Promise<Answer> {
    if (redirection.kind === 'TRYAGAIN' || attempt > maxEager) await this.#pause(attempt)
    if (redirection.kind === 'ASK') {
      const node = await this.#at(redirection.node)
      // If it fails, so does the command behind it, which says more.
      node.client.send(['ASKING']).catch(() => undefined)
      return await use(node, true)
    }
    if (redirection.kind === 'MOVED') this.#goTo(await this.#at(redirection.node))
    return await use(this.#home, false)
  }

  async #pause(attempt: number): Promise<void> {
    const { signal } = this.#ending
    const pauseMs = backoffMs(attempt, Math.random()) / 4
    await sleep(pauseMs, undefined, { signal, ref: false }).catch(() => undefined)
    if (!signal.aborted) return
    const cause = this.#reason
    throw new LostError(cause?.message ?? 'the connection was closed', { cause, wasSent: false })
  }

  /** Keys that were watched here are now watched nowhere: look again. */
  #goTo(node: Node): void {
    if (node === this.#home) return
    this.#home = node
    for (const listener of this.#invalidated) listener(undefined)
  }

  #at(address: NodeAddress): Promise<Node> {
    const name = nameOf(address)
    const known = this.#nodes.get(name)
    if (known !== undefined) return known
    const opening = this.#open(address)
    this.#nodes.set(name, opening)
    opening.catch(() => this.#nodes.delete(name))
    return opening
  }

  async #open(address: NodeAddress): Promise<Node> {
    const node = { client: await this.#dial(address, this.#ending.signal), address }
    this.#adopt(node)
    return node
  }

  #adopt(node: Node): void {
    const { client, address } = node
    client.onInvalidated((key) => {
      for (const listener of this.#invalidated) listener(key)
    })
    client.onShardMoved((channel) => void this.#reestablish(channel, client))
    void client.closed.then((reason) => {
      this.#nodes.delete(nameOf(address))
      if (this.#isNeeded(node)) this.destroy(reason)
    })
  }

  #isNeeded(node: Node): boolean {
    if (node === this.#home) return true
    if (node === this.#first && this.#isListening) return true
    return this.#shards.needs(node.client)
  }

  /** The server has ended the subscription, since another node has the channel's slot now. */
  async #reestablish(channel: string, client: RedisClient): Promise<void> {
    const shard = this.#shards.get(channel)
    if (shard?.client !== client) return
    try {
      await this.ssubscribe(channel, shard.listener)
      for (const listener of this.#moved) listener(channel)
    } catch (error) {
      this.destroy(error instanceof Error ? error : new Error(String(error)))
    }
  }
}

function dropped(channel: string): Error {
  return new Error(`the server no longer knows of our subscription to sharded channel "${channel}"`)
}

function nameOf({ host, port }: NodeAddress): string {
  return `${host}:${port}`
}
