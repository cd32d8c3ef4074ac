import { ByteInput } from '../byte-input.ts'
import type { NestingBounds } from '../nesting-limits.ts'
import { UnfinishedUuid } from './reference.ts'

/** The stack and the memo that the instructions of a pickle work on. */
export class PickleMachine {
  readonly input: ByteInput
  readonly #stack: unknown[] = []
  /** Heights of the stack where marks are. */
  readonly #marks: number[] = []
  /** Values by index, as long as indices follow each other: what Python writes. */
  readonly #memo: unknown[] = []
  readonly #sparseMemo = new Map<number, unknown>()
  readonly #bounds: NestingBounds
  #containers = 0

  constructor(bytes: Uint8Array, bounds: NestingBounds) {
    this.input = new ByteInput(bytes)
    this.#bounds = bounds
  }

  push(value: unknown): void {
    this.#stack.push(value)
  }

  /** Pushes a list, a tuple, a dict or a set. @throws DecodeError `TOO_LARGE` */
  pushContainer(container: object): void {
    this.#containers += 1
    this.#bounds.checkContainers(this.#containers)
    this.push(container)
  }

  /** @throws RangeError when nothing is there, or a mark. */
  pop(): unknown {
    this.#checkTop()
    return this.#stack.pop()
  }

  /** The value on top, which stays. @throws RangeError as {@link pop}. */
  top(): unknown {
    this.#checkTop()
    return this.#stack.at(-1)
  }

  mark(): void {
    this.#marks.push(this.#stack.length)
  }

  /** Takes all that was pushed since the last mark, and the mark. @throws RangeError if there is none. */
  popMark(): unknown[] {
    const mark = this.#marks.pop()
    if (mark === undefined) throw new RangeError('it goes back to a mark that is not there')
    return this.#stack.splice(mark)
  }

  /** Takes the mark on top if there is one: what POP does then. */
  popEither(): void {
    if (this.#marks.at(-1) === this.#stack.length) this.#marks.pop()
    else this.pop()
  }

  /** Remembers the value on top. */
  remember(index: number): void {
    if (index <= this.#memo.length) this.#memo[index] = this.top()
    else this.#sparseMemo.set(index, this.top())
  }

  /** Remembers the value on top at the next index. */
  memoize(): void {
    this.remember(this.#memo.length + this.#sparseMemo.size)
  }

  /** @throws RangeError for an index that was not remembered. */
  recall(index: number): void {
    const value = this.#memo[index] ?? this.#sparseMemo.get(index) ?? this.#absent(index)
    this.push(value instanceof UnfinishedUuid ? (value.uuid ?? value) : value)
  }

  /** None can be remembered too. */
  #absent(index: number): null {
    if (index < this.#memo.length || this.#sparseMemo.has(index)) return null
    throw new RangeError(`it recalls number ${index}, which is not there`)
  }

  #checkTop(): void {
    if (this.#stack.length <= (this.#marks.at(-1) ?? 0)) {
      throw new RangeError('it takes a value from an empty stack')
    }
  }
}

/** What an instruction of a pickle does. Source: Python's `pickletools`. */
export type Opcode = (machine: PickleMachine) => void

/** Instructions by their byte. */
export type Opcodes = ReadonlyMap<number, Opcode>

/** The byte of an instruction that has a printable one. */
export function code(letter: string): number {
  return letter.charCodeAt(0)
}
