/**
 * A line of output that is written over while it changes.
 */

/** What it needs of a stream; `process.stderr` is one. */
export interface LineStream {
  readonly isTTY?: boolean
  /** Columns of the terminal. */
  readonly columns?: number
  write(text: string): unknown
}

/** How often it writes. */
export interface LiveLineOptions {
  /** On a terminal at most once in this time. Default 100. */
  readonly everyMs?: number
  /** Elsewhere, where lines cannot be written over, at most once in this time. Default 2000. */
  readonly everyMsInLog?: number
  /** The time in milliseconds, ascending. Default `performance.now`. */
  readonly now?: () => number
}

/** Shows the newest of many texts, as often as is of use. Holds no timer. */
export class LiveLine {
  readonly #stream: LineStream
  readonly #everyMs: number
  readonly #now: () => number
  #lastAtMs = Number.NEGATIVE_INFINITY
  #isDirty = false

  constructor(stream: LineStream, options: LiveLineOptions = {}) {
    const { everyMs = 100, everyMsInLog = 2_000, now = () => performance.now() } = options
    this.#stream = stream
    this.#everyMs = stream.isTTY === true ? everyMs : everyMsInLog
    this.#now = now
  }

  /** Shows `text`, unless the last one was shown just now. */
  update(text: string): void {
    const now = this.#now()
    if (now - this.#lastAtMs < this.#everyMs) return
    this.#lastAtMs = now
    this.#show(text)
  }

  /** Shows `text` whatever was shown when, and leaves it standing. */
  note(text: string): void {
    this.#show(text)
    this.end()
  }

  /** Leaves what is shown standing; output of others may follow. */
  end(): void {
    if (this.#isDirty) this.#stream.write('\n')
    this.#isDirty = false
  }

  #show(text: string): void {
    if (this.#stream.isTTY !== true) {
      this.#stream.write(`${text}\n`)
      return
    }
    // A line that wraps could not be written over.
    const width = Math.max((this.#stream.columns ?? 80) - 1, 10)
    this.#stream.write(`\r\u001b[2K${text.slice(0, width)}`)
    this.#isDirty = true
  }
}
