/** Sizes of the fields of a frame's header, by the flags that say them. Source: RFC 8878, 3.1.1. */
const dictionaryIdBytes = [0, 1, 2, 4]
const contentSizeBytes = [0, 2, 4, 8]

const magic = 0xfd2fb528
const runBlock = 1
const reservedBlock = 3

/**
 * Makes sure that the bytes are one whole frame of zstd: Node 22 takes a frame that is cut short for
 * a shorter one, and every Node ignores what comes after a frame.
 *
 * @throws RangeError
 */
export function checkOneFrame(bytes: Uint8Array): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (view.getUint32(0, true) !== magic) throw new RangeError('it does not begin as one')
  const flags = view.getUint8(4)
  let at = 5 + headerBytes(flags)
  let isLast = false
  while (!isLast) {
    const block = view.getUint16(at, true) | (view.getUint8(at + 2) << 16)
    const type = (block >> 1) & 3
    if (type === reservedBlock) throw new RangeError('it has a block of an unknown kind')
    at += 3 + (type === runBlock ? 1 : block >> 3)
    isLast = (block & 1) === 1
  }
  const hasChecksum = (flags & 4) !== 0
  const length = at + (hasChecksum ? 4 : 0)
  if (length > bytes.byteLength) throw new RangeError('it ends in the middle')
  if (length < bytes.byteLength) {
    throw new RangeError(`${bytes.byteLength - length} more bytes come after its end`)
  }
}

function headerBytes(flags: number): number {
  const isSingleSegment = (flags & 0x20) !== 0
  const sizeFlag = flags >> 6
  // Without a window the content's size is there, in one byte at least.
  const size = sizeFlag === 0 && isSingleSegment ? 1 : (contentSizeBytes[sizeFlag] ?? 0)
  const window = isSingleSegment ? 0 : 1
  return window + (dictionaryIdBytes[flags & 3] ?? 0) + size
}
