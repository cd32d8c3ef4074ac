import type { BoundedOutput } from '../bounded-output.ts'
import type { ByteReader } from './byte-reader.ts'
import { LzmaDecoder } from './lzma-decoder.ts'
import { type LzmaProperties, readProperties } from './lzma-models.ts'
import { RangeDecoder } from './range-decoder.ts'

/** What a chunk begins with. Source: LZMA2, xz 5.8. */
const end = 0
const plainAndNewDictionary = 1
const plain = 2
const firstCompressed = 0x80

/** How much a compressed chunk forgets; each forgets what those before it forget too. */
const forgetsModels = 1
const forgetsProperties = 2
const forgetsDictionary = 3

/**
 * Reads the chunks of one LZMA2 stream, up to its end.
 *
 * @throws RangeError for bytes that are none; DecodeError `TOO_LARGE`
 */
export function readLzma2(reader: ByteReader, output: BoundedOutput): void {
  const chunks = new ChunkReader(reader, output)
  for (let control = reader.byte(); control !== end; control = reader.byte()) chunks.read(control)
}

/** Keeps what goes on from chunk to chunk. */
class ChunkReader {
  readonly #reader: ByteReader
  readonly #output: BoundedOutput
  /** Where in the output the dictionary begins; undefined before the first chunk. */
  #dictionaryStart: number | undefined
  #properties: LzmaProperties | undefined
  #decoder: LzmaDecoder | undefined
  /** Whether the next compressed chunk may go on with the models of the one before. */
  #goesOn = false

  constructor(reader: ByteReader, output: BoundedOutput) {
    this.#reader = reader
    this.#output = output
  }

  read(control: number): void {
    const forgets = (control >> 5) & 3
    const isCompressed = control >= firstCompressed
    if (!isCompressed && control > plain) {
      throw new RangeError(`a chunk is of the unknown kind ${control}`)
    }
    if (control === plainAndNewDictionary || (isCompressed && forgets >= forgetsDictionary)) {
      this.#dictionaryStart = this.#output.length
    }
    if (this.#dictionaryStart === undefined) throw new RangeError('the first chunk goes on')
    if (isCompressed) this.#compressed(control, this.#dictionaryStart)
    else this.#output.append(this.#reader.bytes(this.#reader.bigEndian(2) + 1))
    this.#goesOn = isCompressed
  }

  #compressed(control: number, dictionaryStart: number): void {
    const reader = this.#reader
    const plainBytes = ((control & 0x1f) << 16) + reader.bigEndian(2) + 1
    const compressedBytes = reader.bigEndian(2) + 1
    const decoder = this.#decoderFor((control >> 5) & 3, dictionaryStart)

    const dataEnd = reader.position + compressedBytes
    const range = new RangeDecoder(reader)
    const hasMarker = decoder.decode(range, this.#output.length + plainBytes)
    range.normalize()
    if (hasMarker || !range.isFinished || reader.position !== dataEnd) {
      throw new RangeError('a chunk does not end where it says')
    }
  }

  #decoderFor(forgets: number, dictionaryStart: number): LzmaDecoder {
    if (forgets >= forgetsProperties) this.#properties = readProperties(this.#reader.byte())
    if (this.#properties === undefined) throw new RangeError('the first chunk has no properties')
    this.#decoder ??= new LzmaDecoder(this.#output, this.#properties)
    if (forgets >= forgetsModels) this.#decoder.restart(dictionaryStart, this.#properties)
    else if (!this.#goesOn) throw new RangeError('a chunk goes on with what has ended')
    return this.#decoder
  }
}
