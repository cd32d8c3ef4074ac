import { UnreplicatedError } from './client-errors.ts'
import { type Argument, byDigest, byText, isUnknownScript } from './command.ts'
import type { Script } from './script.ts'

/** Who, beside the master, has to have what was written before that counts. */
export interface ReplicaWish {
  /** How many replicas. */
  readonly replicas: number
  /** How long they may take. */
  readonly timeoutMs: number
}

/** The part of a client that writes. */
export interface RedisWriter {
  /**
   * Sends a command; strings in the answer are text.
   *
   * `Answer` is the shape that Redis documents for the command. It is not checked.
   *
   * @throws {ReplyError} the server refused; {LostError} the connection ended first.
   */
  send<Answer>(command: readonly Argument[]): Promise<Answer>
  /** Runs a script by its digest, or by its text where the server does not know it yet. */
  run<Answer>(script: Script, keys: readonly string[], args: readonly Argument[]): Promise<Answer>
}

/**
 * Writes, and resolves when replicas have it.
 *
 * `WAIT` goes out right behind the command and speaks of what this connection has written, so that nothing may come
 * between the two. It holds up all other commands of the connection until the replicas answer.
 */
export class ReplicatedWriter implements RedisWriter {
  readonly #client: Pick<RedisWriter, 'send'>
  readonly #wish: ReplicaWish

  constructor(client: Pick<RedisWriter, 'send'>, wish: ReplicaWish) {
    this.#client = client
    this.#wish = wish
  }

  /** @throws {UnreplicatedError} it was written, and too few replicas confirmed that; as `RedisWriter.send` otherwise. */
  send<Answer>(command: readonly Argument[]): Promise<Answer> {
    const { replicas, timeoutMs } = this.#wish
    const answer = this.#client.send<Answer>(command)
    const count = this.#client.send<number>(['WAIT', String(replicas), String(timeoutMs)])
    return this.#both(answer, count)
  }

  async run<Answer>(
    script: Script,
    keys: readonly string[],
    args: readonly Argument[],
  ): Promise<Answer> {
    try {
      return await this.send(byDigest(script, keys, args))
    } catch (error) {
      if (!isUnknownScript(error)) throw error
      return await this.send(byText(script, keys, args))
    }
  }

  async #both<Answer>(answer: Promise<Answer>, count: Promise<number>): Promise<Answer> {
    // Both fail when the connection is lost; whoever waits is told of the first.
    count.catch(() => undefined)
    const value = await answer
    const { replicas, timeoutMs } = this.#wish
    const confirmed = await count.catch((error: unknown) => {
      throw new UnreplicatedError('it is not known which replicas have it', { cause: error })
    })
    if (confirmed >= replicas) return value
    const shortage = `${confirmed} of ${replicas} replicas confirmed it within ${timeoutMs} ms`
    throw new UnreplicatedError(shortage)
  }
}
