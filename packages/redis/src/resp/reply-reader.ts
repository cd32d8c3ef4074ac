import { ReplyError } from '../connection/client-errors.ts'
import { type Reply, type ReplyLimits, replyLimits, UnreadableReplyError } from './reply.ts'
import { bigNumberOf, doubleOf, integerOf } from './reply-numbers.ts'

/** Who is told of what was read, in the order of the bytes. */
export interface ReplySink {
  /** Asked when a reply begins: whether its bulk strings are bytes. */
  wantsBytes(): boolean
  onReply(reply: Reply): void
  /** The reply is an error. */
  onRefusal(error: ReplyError): void
  /** Said without being asked. Strings are text, the last one, a message's payload, bytes. */
  onPush(values: readonly Reply[]): void
}

/** An array that is not complete. */
interface Frame {
  readonly type: number
  readonly values: Reply[]
  left: number
  readonly outer: Frame | undefined
}

/** A bulk string that is not complete, with the line's end behind it. */
interface PartialBulk {
  readonly type: number
  readonly bytes: Buffer
  filled: number
}

// The engine reads a constant of the module each time, and folds a literal: those in `#value()`.
const push = 0x3e // >
const map = 0x25 // %
const attribute = 0x7c // |
const verbatim = 0x3d // =
const bulkError = 0x21 // !

/** A verbatim string begins with its format: `txt:`. */
const formatLength = 4

/**
 * Reads replies from bytes, however these are cut.
 *
 * Keeps what is incomplete and nothing else: the chunks may be overwritten after `read()`.
 */
export class ReplyReader {
  readonly #sink: ReplySink
  readonly #limits: ReplyLimits
  #chunk: Buffer = Buffer.alloc(0)
  #at = 0
  #end = 0
  /** Where the reply that is under way begins in the chunk, and what of it came before. */
  #beganAt = 0
  #earlierBytes = 0
  #isInside = false
  #asBytes = false
  #valueCount = 0
  #depth = 0
  #frame: Frame | undefined
  #bulk: PartialBulk | undefined
  #lineParts: Buffer[] = []
  #lineBytes = 0

  constructor(sink: ReplySink, limits: ReplyLimits = replyLimits) {
    this.#sink = sink
    this.#limits = limits
  }

  /**
   * Reads the first `length` bytes of a chunk.
   *
   * @throws {UnreadableReplyError} what came is no RESP3, or exceeds the limits; no further chunk can be read. Whatever the sink throws.
   */
  read(chunk: Buffer, length: number = chunk.length): void {
    this.#chunk = chunk
    this.#at = 0
    this.#end = length
    this.#beganAt = 0
    while (this.#at < this.#end) {
      if (this.#bulk === undefined) this.#readLine()
      else this.#fill(this.#bulk)
    }
    this.#earlierBytes += length - this.#beganAt
    if (this.#earlierBytes > this.#limits.maxReplyBytes) throw this.#exceeds('maxReplyBytes')
  }

  /** Nothing more of the chunk is read. For a sink that has had enough. */
  stop(): void {
    this.#end = 0
  }

  #readLine(): void {
    const chunk = this.#chunk
    const start = this.#at
    const end = this.#end
    let at = start
    while (at < end && chunk[at] !== 0x0a) at += 1
    if (at === end) {
      this.#keepLine(start, end)
      return
    }
    this.#at = at + 1
    if (this.#lineBytes === 0) this.#value(chunk, start, at)
    else this.#keptLine(start, at)
  }

  #keepLine(start: number, end: number): void {
    this.#at = end
    this.#lineBytes += end - start
    if (this.#lineBytes > this.#limits.maxLineBytes) throw this.#exceeds('maxLineBytes')
    this.#lineParts.push(Buffer.from(this.#chunk.subarray(start, end)))
  }

  #keptLine(start: number, newline: number): void {
    const line = Buffer.concat([...this.#lineParts, this.#chunk.subarray(start, newline)])
    this.#lineParts = []
    this.#lineBytes = 0
    this.#value(line, 0, line.length)
  }

  /** One line without its newline: a value, or the head of one. */
  #value(bytes: Buffer, start: number, newline: number): void {
    const end = newline - 1
    if (end <= start || bytes[end] !== 0x0d) throw unreadable(bytes, start, newline)
    const from = start + 1
    const type = bytes[start]
    if (!this.#isInside) this.#begin(type === 0x3e)
    switch (type) {
      case 0x3a: // :
        this.#add(integerOf(bytes, from, end))
        break
      case 0x24: // $
      case 0x21: // !
      case 0x3d: // =
        this.#beginBulk(type, integerOf(bytes, from, end))
        break
      case 0x2a: // *
      case 0x7e: // ~
      case 0x25: // %
      case 0x7c: // |
      case 0x3e: // >
        this.#beginArray(type, integerOf(bytes, from, end))
        break
      case 0x2b: // +
        this.#add(bytes.toString('utf8', from, end))
        break
      case 0x2d: // -
        this.#add(new ReplyError(bytes.toString('utf8', from, end)))
        break
      default:
        this.#add(rareValue(bytes, start, end))
    }
  }

  #begin(isPush: boolean): void {
    this.#isInside = true
    this.#asBytes = isPush ? false : this.#sink.wantsBytes()
  }

  #beginBulk(type: number, length: number | bigint): void {
    if (length === -1 && type === 0x24) {
      this.#add(null)
      return
    }
    if (!(length >= 0)) throw negativeLength(length)
    if (length > this.#limits.maxBulkBytes) throw this.#exceeds('maxBulkBytes', length)
    const size = Number(length)
    const start = this.#at
    const end = start + size
    if (end + 2 > this.#end) {
      this.#bulk = { type, bytes: Buffer.allocUnsafe(size + 2), filled: 0 }
      return
    }
    this.#at = end + 2
    checkEnd(this.#chunk, end)
    if (type === 0x24) this.#add(this.#stringOf(start, end))
    else this.#add(this.#rareString(type, this.#chunk.subarray(start, end)))
  }

  /** As much as the chunk has of it. */
  #fill(bulk: PartialBulk): void {
    const { type, bytes } = bulk
    const count = Math.min(this.#end - this.#at, bytes.length - bulk.filled)
    this.#chunk.copy(bytes, bulk.filled, this.#at, this.#at + count)
    this.#at += count
    bulk.filled += count
    if (bulk.filled < bytes.length) return
    this.#bulk = undefined
    const end = bytes.length - 2
    checkEnd(bytes, end)
    const content = bytes.subarray(0, end)
    if (type !== 0x24) this.#add(this.#rareString(type, content))
    else this.#add(this.#isBytes() ? content : content.toString())
  }

  /** A string that is whole in the chunk. Copied: the next chunk takes the place of this one. */
  #stringOf(start: number, end: number): string | Buffer {
    if (!this.#isBytes()) return this.#chunk.toString('utf8', start, end)
    return Buffer.from(this.#chunk.subarray(start, end))
  }

  #rareString(type: number, content: Buffer): Reply {
    if (type === bulkError) return new ReplyError(content.toString())
    if (type !== verbatim || content[formatLength - 1] !== 0x3a) {
      throw new UnreadableReplyError("the server's answer has a verbatim string without a format")
    }
    const text = content.subarray(formatLength)
    return this.#isBytes() ? Buffer.from(text) : text.toString()
  }

  #isBytes(): boolean {
    const frame = this.#frame
    return frame !== undefined && frame.type === 0x3e ? frame.left === 1 : this.#asBytes
  }

  #beginArray(type: number, length: number | bigint): void {
    if (length === -1 && type === 0x2a) {
      this.#add(null)
      return
    }
    if (!(length >= 0)) throw negativeLength(length)
    const left = Number(length) * (type === map || type === attribute ? 2 : 1)
    this.#valueCount += left
    if (this.#valueCount > this.#limits.maxValues) throw this.#exceeds('maxValues')
    if (type === push && this.#depth > 0) {
      throw new UnreadableReplyError("the server's answer has a push inside of another value")
    }
    const frame: Frame = { type, values: [], left, outer: this.#frame }
    if (left === 0) {
      this.#complete(frame)
      return
    }
    this.#depth += 1
    if (this.#depth > this.#limits.maxDepth) throw this.#exceeds('maxDepth')
    this.#frame = frame
  }

  /** A value is there; perhaps it was the last of its array, and that of another. */
  #add(value: Reply): void {
    const frame = this.#frame
    if (frame === undefined) {
      this.#finish(value)
      return
    }
    frame.values.push(value)
    frame.left -= 1
    if (frame.left > 0) return
    this.#frame = frame.outer
    this.#depth -= 1
    this.#complete(frame)
  }

  // Calls `#add()`, which calls this: as deep as arrays are nested, which is bounded.
  #complete({ type, values }: Frame): void {
    if (type === attribute) return
    if (type === push) {
      this.#over()
      this.#sink.onPush(values)
    } else {
      this.#add(type === map ? mapOf(values) : values)
    }
  }

  #finish(reply: Reply): void {
    this.#over()
    if (reply instanceof ReplyError) this.#sink.onRefusal(reply)
    else this.#sink.onReply(reply)
  }

  #over(): void {
    this.#isInside = false
    this.#valueCount = 0
    this.#beganAt = this.#at
    this.#earlierBytes = 0
  }

  #exceeds(limit: keyof ReplyLimits, value?: number | bigint): UnreadableReplyError {
    const has = value === undefined ? '' : ` (${value})`
    return new UnreadableReplyError(
      `the server's answer exceeds ${limit}, ${this.#limits[limit]}${has}`,
    )
  }
}

function rareValue(bytes: Buffer, start: number, end: number): Reply {
  const from = start + 1
  switch (bytes[start]) {
    case 0x5f: // _
      if (from === end) return null
      break
    case 0x23: // #
      if (end === from + 1 && bytes[from] === 0x74) return true
      if (end === from + 1 && bytes[from] === 0x66) return false
      break
    case 0x2c: // ,
      return doubleOf(bytes, from, end)
    case 0x28: // (
      return bigNumberOf(bytes, from, end)
  }
  throw unreadable(bytes, start, end)
}

function mapOf(values: readonly Reply[]): ReadonlyMap<Reply, Reply> {
  const entries = new Map<Reply, Reply>()
  for (let at = 0; at < values.length; at += 2) {
    entries.set(values[at] ?? null, values[at + 1] ?? null)
  }
  return entries
}

function checkEnd(bytes: Buffer, at: number): void {
  if (bytes[at] === 0x0d && bytes[at + 1] === 0x0a) return
  throw new UnreadableReplyError("the server's answer has a string that is longer than it says")
}

function negativeLength(length: number | bigint): UnreadableReplyError {
  return new UnreadableReplyError(`the server's answer has something of length ${length}`)
}

function unreadable(bytes: Buffer, start: number, end: number): UnreadableReplyError {
  const text = bytes.toString('latin1', start, Math.min(end, start + 40))
  return new UnreadableReplyError(`the server's answer is no RESP3 at ${JSON.stringify(text)}`)
}
