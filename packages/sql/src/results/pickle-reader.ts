/** A name in a pickle. Nothing is looked up. */
export interface PickledName {
  readonly module: string
  readonly name: string
}

/** What calling a name with arguments would make. Nothing is called. */
export interface PickledCall {
  readonly callee: unknown
  readonly args: unknown
}

const mark = Symbol('mark')

/**
 * Reads a pickle that may hold objects, as inert descriptions of the calls that Python would make: for the groups of results
 * that Celery pickles. As much of protocols 2 to 5 as these need.
 *
 * @throws {RangeError} it uses more than that, or ends in the middle.
 */
export function readCalls(pickled: Uint8Array): unknown {
  return new PickleReader(
    Buffer.from(pickled.buffer, pickled.byteOffset, pickled.byteLength),
  ).read()
}

class PickleReader {
  readonly #input: Buffer
  readonly #memo: unknown[] = []
  readonly #stack: unknown[] = []
  #at = 0

  constructor(input: Buffer) {
    this.#input = input
  }

  read(): unknown {
    for (;;) {
      const opcode = String.fromCharCode(this.#byte())
      if (opcode === '.') return this.#pop()
      if (!this.#value(opcode) && !this.#container(opcode) && !this.#reference(opcode)) {
        throw new RangeError(`unknown instruction ${JSON.stringify(opcode)} at ${this.#at - 1}`)
      }
    }
  }

  #value(opcode: string): boolean {
    switch (opcode) {
      case 'N':
        return this.#push(null)
      case '\x88':
      case '\x89':
        return this.#push(opcode === '\x88')
      case 'K':
        return this.#push(this.#byte())
      case 'M':
        return this.#push(this.#bytes(2).readUInt16LE())
      case 'J':
        return this.#push(this.#bytes(4).readInt32LE())
      case 'G':
        return this.#push(this.#bytes(8).readDoubleBE())
      case '\x8a':
        return this.#push(this.#bytes(this.#byte()).toString('hex'))
      case '\x8c':
        return this.#push(this.#bytes(this.#byte()).toString())
      case 'X':
        return this.#push(this.#bytes(this.#bytes(4).readUInt32LE()).toString())
      default:
        return false
    }
  }

  #container(opcode: string): boolean {
    switch (opcode) {
      case '(':
        return this.#push(mark)
      case ')':
      case ']':
        return this.#push([])
      case '}':
        return this.#push(new Map())
      case 't':
        return this.#push(this.#toMark())
      case '\x85':
      case '\x86':
      case '\x87':
        return this.#push(this.#stack.splice(0x84 - opcode.charCodeAt(0)))
      case 'a':
        return this.#append([this.#pop()])
      case 'e':
        return this.#append(this.#toMark())
      case 's':
        return this.#set(this.#stack.splice(-2))
      case 'u':
        return this.#set(this.#toMark())
      default:
        return false
    }
  }

  #reference(opcode: string): boolean {
    switch (opcode) {
      case '\x80':
        return this.#bytes(1).length === 1
      case '\x95':
        return this.#bytes(8).length === 8
      case '\x94':
        return this.#remember(this.#memo.length)
      case 'q':
        return this.#remember(this.#byte())
      case 'r':
        return this.#remember(this.#bytes(4).readUInt32LE())
      case 'h':
        return this.#push(this.#memo[this.#byte()])
      case 'j':
        return this.#push(this.#memo[this.#bytes(4).readUInt32LE()])
      case 'c':
        return this.#push({ module: this.#line(), name: this.#line() })
      case '\x93': {
        const [module, name] = this.#stack.splice(-2)
        return this.#push({ module: String(module), name: String(name) })
      }
      case 'R': {
        const [callee, args] = this.#stack.splice(-2)
        return this.#push({ callee, args })
      }
      default:
        return false
    }
  }

  #push(value: unknown): true {
    this.#stack.push(value)
    return true
  }

  #pop(): unknown {
    if (this.#stack.length === 0) throw new RangeError('it takes more than it has')
    return this.#stack.pop()
  }

  #toMark(): unknown[] {
    const at = this.#stack.lastIndexOf(mark)
    if (at < 0) throw new RangeError('a beginning is missing')
    return this.#stack.splice(at).slice(1)
  }

  #append(items: readonly unknown[]): boolean {
    const list = this.#stack.at(-1)
    if (!Array.isArray(list)) return false
    for (const item of items) list.push(item)
    return true
  }

  #set(pairs: readonly unknown[]): boolean {
    const map = this.#stack.at(-1)
    if (!(map instanceof Map)) return false
    for (let at = 0; at + 1 < pairs.length; at += 2) map.set(pairs[at], pairs[at + 1])
    return true
  }

  #remember(at: number): boolean {
    if (at > this.#memo.length) return false
    this.#memo[at] = this.#stack.at(-1)
    return true
  }

  #byte(): number {
    return this.#bytes(1).readUInt8()
  }

  #bytes(count: number): Buffer {
    const end = this.#at + count
    if (end > this.#input.length) throw new RangeError('it ends in the middle')
    const bytes = this.#input.subarray(this.#at, end)
    this.#at = end
    return bytes
  }

  #line(): string {
    const end = this.#input.indexOf('\n', this.#at)
    if (end < 0) throw new RangeError('it ends in the middle')
    const line = this.#input.toString('utf8', this.#at, end)
    this.#at = end + 1
    return line
  }
}
