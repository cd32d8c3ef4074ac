import type { ByteWriter } from './byte-writer.ts'
import { propertiesByte } from './lzma-encoder.ts'
import { LzmaText } from './lzma-text.ts'

/** What a chunk begins with. Source: LZMA2, xz 5.8. */
const end = 0
const plainAndNewDictionary = 1
const plain = 2
const compressedAndGoesOn = 0x80
const compressedAndNewProperties = 0xc0
const compressedAndNewDictionary = 0xe0

/** What the chunks before one leave to it. */
interface Predecessors {
  readonly isFirst: boolean
  /** Whether the last one was compressed, so that this one uses its models. */
  readonly goesOn: boolean
}

/** Writes a text as one LZMA2 stream. */
export function writeLzma2(writer: ByteWriter, bytes: Uint8Array): void {
  const text = new LzmaText(bytes)
  let goesOn = false
  for (let at = 0; at < bytes.length; ) {
    const chunk = text.chunk(at)
    const content = bytes.subarray(at, chunk.end)
    const before = { isFirst: at === 0, goesOn }
    goesOn = chunk.compressed.length < content.length
    if (goesOn) {
      writeCompressed(writer, { ...before, ...chunk, content })
    } else {
      writePlain(writer, content, before)
      text.restart()
    }
    at = chunk.end
  }
  writer.byte(end)
}

interface CompressedPart extends Predecessors {
  readonly content: Uint8Array
  readonly compressed: Uint8Array
}

function writeCompressed(writer: ByteWriter, part: CompressedPart): void {
  const control = part.goesOn ? compressedAndGoesOn : compressedAndNewProperties
  const plainBytes = part.content.length - 1
  writer.byte((part.isFirst ? compressedAndNewDictionary : control) | (plainBytes >> 16))
  writer.bigEndian(plainBytes, 2)
  writer.bigEndian(part.compressed.length - 1, 2)
  if (!part.goesOn) writer.byte(propertiesByte)
  writer.bytes(part.compressed)
}

/** Not larger than a compressed chunk may be, or it would have been compressed. */
function writePlain(writer: ByteWriter, content: Uint8Array, { isFirst }: Predecessors): void {
  writer.byte(isFirst ? plainAndNewDictionary : plain)
  writer.bigEndian(content.length - 1, 2)
  writer.bytes(content)
}
