/** How items become values of the database and back. */
export interface ItemCodec<Item> {
  encode(item: Item): string | Uint8Array
  decode(bytes: Uint8Array): Item
}

/** Items as JSON. */
export function jsonItems<Item>(): ItemCodec<Item> {
  return {
    encode(item) {
      const text = JSON.stringify(item)
      if (text !== undefined) return text
      throw new TypeError(`An item has to be a JSON value, not ${typeof item}`)
    },
    // What the type says is up to whoever pushes.
    decode: (bytes) => JSON.parse(Buffer.from(bytes).toString()) as Item,
  }
}
