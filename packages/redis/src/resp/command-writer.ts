import type { Argument } from '../connection/command.ts'

/** The server reads more slowly than is sent; this command was not sent. */
export class BacklogError extends Error {
  override readonly name = 'BacklogError'
}

/** What a writer needs of a socket. */
export interface WritableSocket {
  /** @returns whether more may be written before `drain`. */
  write(piece: string | Uint8Array, encoding?: 'latin1' | 'utf8'): boolean
  cork(): void
  uncork(): void
  on(event: 'drain', listener: () => void): unknown
}

/** Longer texts are passed on piece by piece: the engine has a limit. */
const maxTextLength = 1024 * 1024

/** What may wait for a server that does not read. */
const maxWaitingBytes = 1024 * 1024 * 1024

/**
 * Writes the commands of one turn of the event loop in one go.
 *
 * As one string while all their words are strings, which costs the least by far; as several pieces otherwise.
 */
export class CommandWriter {
  readonly #socket: WritableSocket
  readonly #maxWaitingBytes: number
  #text = ''
  /** All of the text, so that it can be written without being encoded. */
  #isAscii = true
  /** What comes before the text. */
  #pieces: (string | Uint8Array)[] = []
  #waitingBytes = 0
  #waitingCount = 0
  #isScheduled = false
  #isBlocked = false
  #isStopped = false

  constructor(socket: WritableSocket, maxBytes: number = maxWaitingBytes) {
    this.#socket = socket
    this.#maxWaitingBytes = maxBytes
    socket.on('drain', () => {
      this.#isBlocked = false
      this.#flush()
    })
  }

  /** Commands that have not been handed to the socket. */
  get waitingCount(): number {
    return this.#waitingCount
  }

  /**
   * Writes the command at the end of this turn.
   *
   * @throws {BacklogError} the server does not read, and too much waits already. {TypeError} a word is neither text nor bytes.
   */
  add(command: readonly Argument[]): void {
    if (this.#waitingBytes > this.#maxWaitingBytes) throw backlog(this.#waitingBytes)
    const text = this.#textOf(command)
    if (text === undefined) this.#addPieces(command)
    else this.#addText(text)
    this.#waitingCount += 1
    if (this.#isScheduled || this.#isBlocked) return
    this.#isScheduled = true
    process.nextTick(this.#flush)
  }

  /** Nothing is written any more. */
  stop(): void {
    this.#isStopped = true
  }

  /** `undefined` when not all words are text. */
  #textOf(command: readonly Argument[]): string | undefined {
    let text = `*${command.length}\r\n`
    let byteLength = 0
    let length = 0
    for (const word of command) {
      if (typeof word !== 'string') return undefined
      const bytes = Buffer.byteLength(word)
      byteLength += bytes
      length += word.length
      text += `$${bytes}\r\n${word}\r\n`
    }
    if (byteLength !== length) this.#isAscii = false
    this.#waitingBytes += byteLength
    return text
  }

  #addText(text: string): void {
    if (this.#text.length + text.length > maxTextLength) this.#cut()
    this.#text += text
  }

  #addPieces(command: readonly Argument[]): void {
    for (const word of command) {
      if (typeof word !== 'string' && !(word instanceof Uint8Array)) throw notAWord(word)
    }
    this.#addText(`*${command.length}\r\n`)
    for (const word of command) {
      const bytes = typeof word === 'string' ? Buffer.from(word) : word
      this.#addText(`$${bytes.length}\r\n`)
      this.#cut()
      this.#pieces.push(bytes)
      this.#addText('\r\n')
      this.#waitingBytes += bytes.length
    }
  }

  #cut(): void {
    if (this.#text === '') return
    this.#pieces.push(this.#text)
    this.#text = ''
  }

  readonly #flush = (): void => {
    this.#isScheduled = false
    if (this.#isBlocked || this.#isStopped || this.#waitingCount === 0) return
    const isTaken = this.#pieces.length === 0 ? this.#writeText() : this.#writePieces()
    this.#isBlocked = !isTaken
    this.#text = ''
    this.#isAscii = true
    this.#waitingBytes = 0
    this.#waitingCount = 0
  }

  #writeText(): boolean {
    return this.#socket.write(this.#text, this.#isAscii ? 'latin1' : 'utf8')
  }

  #writePieces(): boolean {
    this.#cut()
    const pieces = this.#pieces
    this.#pieces = []
    let isTaken = true
    this.#socket.cork()
    for (const piece of pieces) isTaken = this.#socket.write(piece, 'utf8')
    this.#socket.uncork()
    return isTaken
  }
}

function notAWord(word: unknown): TypeError {
  return new TypeError(`A word of a Redis command has to be text or bytes, not ${typeof word}`)
}

function backlog(bytes: number): BacklogError {
  return new BacklogError(
    `the server does not read: ${bytes} bytes wait to be sent. Publish less at a time, or wait for answers`,
  )
}
