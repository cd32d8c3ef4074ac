/** A message that arrived on a channel. Its shape is redis-py's, without the housekeeping. */
export class PubSubMessage {
  /** `pmessage` came by a pattern. */
  readonly type: 'message' | 'pmessage'
  readonly channel: string
  /** The pattern that it came by. */
  readonly pattern: string | undefined
  /** As it was published. */
  readonly data: Buffer

  constructor(channel: string, pattern: string | undefined, data: Buffer) {
    this.type = pattern === undefined ? 'message' : 'pmessage'
    this.channel = channel
    this.pattern = pattern
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
