/** How values of one class travel in JSON. Kombu's `register_type()` arguments as a value. */
export interface JsonType<Value = unknown> {
  /**
   * Values that are an instance of it are written this way. Of several types that fit, the first is
   * used.
   */
  readonly type: abstract new (
    ...args: never[]
  ) => Value
  /**
   * The `__type__` of the envelope `{"__type__": marker, "__value__": …}`, unique in a list of
   * types. Null writes the encoded value bare: it is then read as whatever it became.
   */
  readonly marker: string | null
  /**
   * Narrows `type` further; what it does not take is left to the types after this one. Default:
   * all.
   */
  accepts?(value: Value): boolean
  /** A simpler value in the value's place. It may hold special values again. */
  encode(value: Value): unknown
  /**
   * The value again, from what `encode` made of it. It may throw: bytes can say anything. Default:
   * as it is.
   */
  decode?(encoded: unknown): unknown
}
