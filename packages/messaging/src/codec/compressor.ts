/** Bound of a decompression. */
export interface DecompressLimits {
  /** The most bytes that may come out. */
  readonly maxBytes: number
}

/**
 * Makes bodies smaller: one compression type. Kombu's `compression.register()` arguments as a
 * value.
 */
export interface Compressor {
  /** MIME type, written to the message's `compression` header. */
  readonly contentType: string
  /** Other names for it, accepted in options and in the header, e.g. `gzip`. */
  readonly aliases: readonly string[]
  compress(bytes: Uint8Array): Uint8Array
  /**
   * Never produces more than `limits.maxBytes`, whatever the input promises.
   *
   * @throws DecodeError `TOO_LARGE` beyond the bound, `NOT_DECODABLE` for bytes of another format.
   */
  decompress(bytes: Uint8Array, limits: DecompressLimits): Uint8Array
}
