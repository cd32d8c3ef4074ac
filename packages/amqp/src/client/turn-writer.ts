/** What one turn of the event loop writes goes to the socket as one piece. */
import { WriteBuffer } from '../wire/write-buffer.ts'
import type { RawConnection } from './amqplib-internals.ts'

/** Above this much unsent, publishers wait until the socket has drained. */
const highWaterBytes = 1024 * 1024

/** With so much the broker can begin to work while we write the rest. */
const flushAtBytes = 16 * 1024

/** Gathers frames that we wrote ourselves. */
export class TurnWriter {
  readonly buffer: WriteBuffer = new WriteBuffer()
  readonly #raw: RawConnection
  readonly #onDrain: () => void
  #isScheduled = false
  #isOver = false

  /** @param onDrain called whenever the socket has taken everything. */
  constructor(raw: RawConnection, onDrain: () => void) {
    this.#raw = raw
    this.#onDrain = onDrain
    raw.stream.on('drain', this.#onDrain)
  }

  /** Whether more should wait, because the broker does not read as fast as we write. */
  get isFull(): boolean {
    return this.#raw.stream.writableLength > highWaterBytes
  }

  /** What is in the buffer goes out at the end of this turn; much of it at once. */
  schedule(): void {
    if (this.buffer.length >= flushAtBytes) {
      this.flush()
      return
    }
    if (this.#isScheduled) return
    this.#isScheduled = true
    process.nextTick(() => this.flush())
  }

  /** Writes what is there now. */
  flush(): void {
    this.#isScheduled = false
    if (this.buffer.length === 0) return
    const bytes = this.buffer.take()
    if (!this.#isOver) this.#raw.sendBytes(bytes)
  }

  end(): void {
    this.#isOver = true
    this.#raw.stream.off('drain', this.#onDrain)
  }
}
