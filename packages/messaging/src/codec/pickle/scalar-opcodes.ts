import type { ByteInput } from '../byte-input.ts'
import { maxIntegerDigits } from '../json-number.ts'
import { code, type Opcode, type Opcodes } from './machine.ts'

/** Instructions that push what is read from the input. */
export const scalarOpcodes: Opcodes = new Map<number, Opcode>([
  [code('N'), pushing(() => null)],
  [0x88, pushing(() => true)],
  [0x89, pushing(() => false)],
  [code('I'), pushing(readIntegerOrBoolean)],
  [code('L'), pushing((input) => readDecimal(input.line().replace(/L$/, '')))],
  [code('J'), pushing((input) => input.buffer.readInt32LE(input.take(4)))],
  [code('K'), pushing((input) => input.byte())],
  [code('M'), pushing((input) => input.buffer.readUInt16LE(input.take(2)))],
  [0x8a, pushing((input) => readLong(input, input.byte()))],
  [0x8b, pushing((input) => readLong(input, input.buffer.readInt32LE(input.take(4))))],
  [code('F'), pushing((input) => readFloat(input.line()))],
  [code('G'), pushing((input) => input.buffer.readDoubleBE(input.take(8)))],
  [code('V'), pushing((input) => readEscapedText(input.line()))],
  [0x8c, pushing((input) => input.utf8(input.byte()))],
  [code('X'), pushing((input) => input.utf8(readLength32(input)))],
  [0x8d, pushing((input) => input.utf8(readLength64(input)))],
  [code('C'), pushing((input) => input.bytes(input.byte()))],
  [code('B'), pushing((input) => input.bytes(readLength32(input)))],
  [0x8e, pushing((input) => input.bytes(readLength64(input)))],
  [0x96, pushing((input) => input.bytes(readLength64(input)))],
])

function pushing(read: (input: ByteInput) => unknown): Opcode {
  return (machine) => machine.push(read(machine.input))
}

/** Protocol 0 writes True and False as the numbers 01 and 00. */
function readIntegerOrBoolean(input: ByteInput): unknown {
  const line = input.line()
  return line === '00' || line === '01' ? line === '01' : readDecimal(line)
}

function readDecimal(text: string): number | bigint {
  if (!/^[+-]?\d+$/.test(text)) throw new RangeError('it holds an integer that is none')
  if (text.length > maxIntegerDigits) {
    throw new RangeError(`it holds an integer of ${text.length} digits, more than Python reads`)
  }
  return shortest(BigInt(text.replace('+', '')))
}

/** Lowest byte first, in two's complement. */
function readLong(input: ByteInput, byteCount: number): number | bigint {
  if (byteCount < 0) throw new RangeError('it holds an integer of less than no bytes')
  if (byteCount === 0) return 0
  const hex = Buffer.from(input.bytes(byteCount).reverse()).toString('hex')
  return shortest(BigInt.asIntN(8 * byteCount, BigInt(`0x${hex}`)))
}

function shortest(value: bigint): number | bigint {
  const number = Number(value)
  return Number.isSafeInteger(number) ? number : value
}

function readFloat(text: string): number {
  if (/^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i.test(text)) return Number(text)
  const [, sign, word] = /^([+-]?)(inf|nan)$/.exec(text) ?? []
  if (word === undefined) throw new RangeError('it holds a float that is none')
  if (word === 'nan') return Number.NaN
  return sign === '-' ? -Infinity : Infinity
}

/** Characters up to 255 as they are, others as `\u20ac` or `\U0001f600`. */
function readEscapedText(line: string): string {
  return line.replace(/\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8}))/g, (_escape, short, long) =>
    String.fromCodePoint(Number.parseInt(short ?? long, 16)),
  )
}

function readLength32(input: ByteInput): number {
  return input.buffer.readUInt32LE(input.take(4))
}

/** Beyond 2 ** 53 it is inexact, and more than there is either way. */
function readLength64(input: ByteInput): number {
  return Number(input.buffer.readBigUInt64LE(input.take(8)))
}
