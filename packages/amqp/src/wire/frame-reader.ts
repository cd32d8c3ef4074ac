/** Bytes of a connection to frames, whatever their boundaries. Source: AMQP 0-9-1, 4.2.3. */
import { frameOverhead } from './frames.ts'

const frameEnd = 0xce
const headerBytes = 7

/** One frame. Its parts are views into the memory that it came in. */
export interface Frame {
  readonly type: number
  readonly channel: number
  readonly payload: Buffer
  /** All of it, as it came. */
  readonly bytes: Buffer
}

/** A peer that does not speak AMQP, or a frame larger than agreed. */
export class FrameError extends Error {}

/** Collects bytes until there is a frame. */
export class FrameReader {
  readonly #maxFrameBytes: number
  #bytes: Buffer
  #at = 0

  /** @param bytes what had come before this reader took over. */
  constructor(maxFrameBytes: number, bytes: Buffer) {
    this.#maxFrameBytes = maxFrameBytes
    this.#bytes = bytes
  }

  push(chunk: Buffer): void {
    const isEmpty = this.#at === this.#bytes.length
    this.#bytes = isEmpty ? chunk : Buffer.concat([this.#bytes.subarray(this.#at), chunk])
    this.#at = 0
  }

  /** The next whole frame. @throws {FrameError} the bytes are no frames. */
  next(): Frame | undefined {
    const bytes = this.#bytes
    const start = this.#at
    if (bytes.length - start < headerBytes) return undefined
    const size = bytes.readUInt32BE(start + 3)
    const end = start + size + frameOverhead
    if (size + frameOverhead > this.#maxFrameBytes) throw tooLarge(size, this.#maxFrameBytes)
    if (bytes.length < end) return undefined
    if (bytes[end - 1] !== frameEnd) throw new FrameError('A frame does not end where it says')
    this.#at = end
    return {
      type: bytes[start] ?? 0,
      channel: bytes.readUInt16BE(start + 1),
      payload: bytes.subarray(start + headerBytes, end - 1),
      bytes: bytes.subarray(start, end),
    }
  }
}

function tooLarge(size: number, max: number): FrameError {
  return new FrameError(`The broker sent a frame of ${size} bytes, and at most ${max} are agreed`)
}
