/**
 * Turns values into the body of a message and back: one content type. Kombu's `register()`
 * arguments as a value.
 */
export interface Serializer {
  /** What `serializer` and `accept` options call it, e.g. `json`. */
  readonly name: string
  /** MIME type, written to and looked up by the message's `content-type`. */
  readonly contentType: string
  /** Character set of the body, or `binary`. Written to `content-encoding`. */
  readonly contentEncoding: string
  /**
   * False keeps its type disabled when it is added, until `withEnabled()` or an accept list says
   * otherwise. Default: true.
   */
  readonly enabled?: boolean
  /**
   * A string stands for its UTF-8 bytes, which saves a copy where the transport wants text.
   *
   * @throws EncodeError when the value has no form in this content type.
   */
  encode(value: unknown): Uint8Array | string
  /**
   * @param contentEncoding of the message, lower case; may differ from this serializer's own.
   * @throws DecodeError, and nothing else, when the bytes are not what the content type says.
   */
  decode(bytes: Uint8Array, contentEncoding: string): unknown
}
