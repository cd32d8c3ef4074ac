import type { ByteInput } from '../byte-input.ts'
import { code, type Opcode, type Opcodes } from './machine.ts'

const newestProtocol = 5

/** Instructions that move what is on the stack, remember it, or say how the pickle is written. */
export const stackOpcodes: Opcodes = new Map<number, Opcode>([
  [code('('), (machine) => machine.mark()],
  [code('0'), (machine) => machine.popEither()],
  [code('1'), (machine) => machine.popMark()],
  [code('2'), (machine) => machine.push(machine.top())],
  [code('p'), (machine) => machine.remember(readIndex(machine.input))],
  [code('q'), (machine) => machine.remember(machine.input.byte())],
  [code('r'), (machine) => machine.remember(readIndex32(machine.input))],
  [0x94, (machine) => machine.memoize()],
  [code('g'), (machine) => machine.recall(readIndex(machine.input))],
  [code('h'), (machine) => machine.recall(machine.input.byte())],
  [code('j'), (machine) => machine.recall(readIndex32(machine.input))],
  [0x80, ({ input }) => checkProtocol(input.byte())],
  [0x95, ({ input }) => checkFrame(input)],
])

function readIndex(input: ByteInput): number {
  const line = input.line()
  if (!/^\d{1,15}$/.test(line)) throw new RangeError('it numbers a value by what is no number')
  return Number(line)
}

function readIndex32(input: ByteInput): number {
  return input.buffer.readUInt32LE(input.take(4))
}

function checkProtocol(protocol: number): void {
  if (protocol > newestProtocol) {
    throw new RangeError(`it is of protocol ${protocol}; the newest that is known is 5`)
  }
}

/** A frame only says how much to read at once. */
function checkFrame(input: ByteInput): void {
  const length = input.buffer.readBigUInt64LE(input.take(8))
  if (length > BigInt(input.remaining)) throw new RangeError('it ends in the middle of a frame')
}
