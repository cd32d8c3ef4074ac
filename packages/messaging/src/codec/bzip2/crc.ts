const table: Readonly<Uint32Array> = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte << 24
  for (let bit = 0; bit < 8; bit += 1) crc = crc < 0 ? (crc << 1) ^ 0x04c11db7 : crc << 1
  return crc
})

/**
 * The checksum of a block: the CRC-32 of zlib with its bits the other way round. Unsigned.
 *
 * Source: bzip2 1.0.8.
 */
export function blockCrc(bytes: Uint8Array): number {
  let crc = -1
  for (let at = 0; at < bytes.length; at += 1) {
    crc = (crc << 8) ^ (table[(crc >>> 24) ^ (bytes[at] ?? 0)] ?? 0)
  }
  return ~crc >>> 0
}

/** The checksum of a stream, after one more block. Unsigned. */
export function streamCrc(before: number, block: number): number {
  return (((before << 1) | (before >>> 31)) ^ block) >>> 0
}
