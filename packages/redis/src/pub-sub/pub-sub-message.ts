import type { Subscription } from './subscription-table.ts'

/** The subscription by which a message came. */
type Origin = Pick<Subscription, 'kind' | 'name'>

const types = { channel: 'message', pattern: 'pmessage', 'sharded channel': 'smessage' } as const

/** A message that arrived on a channel. Its shape is redis-py's, without the housekeeping. */
export class PubSubMessage {
  /** `pmessage` came by a pattern, `smessage` over a sharded channel. */
  readonly type: 'message' | 'pmessage' | 'smessage'
  readonly channel: string
  /** The pattern that it came by. */
  readonly pattern: string | undefined
  /** As it was published. */
  readonly data: Buffer

  constructor({ kind, name }: Origin, channel: string, data: Buffer) {
    this.type = types[kind]
    this.channel = channel
    this.pattern = kind === 'pattern' ? name : undefined
    this.data = data
  }

  /** The data as UTF-8 text. */
  text(): string {
    return this.data.toString()
  }

  /**
   * The data as JSON.
   *
   * @throws {SyntaxError} when it is not.
   */
  json(): unknown {
    return JSON.parse(this.text())
  }
}
