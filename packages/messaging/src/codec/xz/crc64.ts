/** Low and high halves of the table, because JavaScript's bit operations end at 32. */
const low = new Uint32Array(256)
const high = new Uint32Array(256)

for (let byte = 0; byte < 256; byte += 1) {
  let lowHalf = byte
  let highHalf = 0
  for (let bit = 0; bit < 8; bit += 1) {
    const isOdd = (lowHalf & 1) === 1
    lowHalf = (lowHalf >>> 1) | (highHalf << 31)
    highHalf >>>= 1
    if (!isOdd) continue
    lowHalf ^= 0xd7870f42
    highHalf ^= 0xc96c5795
  }
  low[byte] = lowHalf
  high[byte] = highHalf
}

/**
 * The CRC-64 of the .xz format, as its 8 bytes in the file. Source: ECMA-182, polynomial
 * C96C5795D7870F42 with reversed bits.
 */
export function crc64(bytes: Uint8Array): Uint8Array {
  let lowHalf = -1
  let highHalf = -1
  for (let at = 0; at < bytes.length; at += 1) {
    const entry = (lowHalf ^ (bytes[at] ?? 0)) & 0xff
    lowHalf = ((lowHalf >>> 8) | (highHalf << 24)) ^ (low[entry] ?? 0)
    highHalf = (highHalf >>> 8) ^ (high[entry] ?? 0)
  }
  const crc = new Uint8Array(8)
  const view = new DataView(crc.buffer)
  view.setUint32(0, ~lowHalf >>> 0, true)
  view.setUint32(4, ~highHalf >>> 0, true)
  return crc
}
