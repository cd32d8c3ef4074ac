import { code, type Opcode, type Opcodes, type PickleMachine } from './machine.ts'
import { Dict } from './reference.ts'

/** Instructions that make lists, tuples, dicts and sets. */
export const containerOpcodes: Opcodes = new Map<number, Opcode>([
  [code(']'), (machine) => machine.pushContainer([])],
  [code(')'), (machine) => machine.pushContainer([])],
  [code('l'), (machine) => machine.pushContainer(machine.popMark())],
  [code('t'), (machine) => machine.pushContainer(machine.popMark())],
  [0x85, (machine) => pushTuple(machine, 1)],
  [0x86, (machine) => pushTuple(machine, 2)],
  [0x87, (machine) => pushTuple(machine, 3)],
  [code('a'), (machine) => append(machine, [machine.pop()])],
  [code('e'), (machine) => append(machine, machine.popMark())],
  [code('}'), (machine) => machine.pushContainer(new Dict())],
  [code('d'), makeDict],
  [code('s'), setItem],
  [code('u'), (machine) => setItems(machine, machine.popMark())],
  [0x8f, (machine) => machine.pushContainer(new Set())],
  [0x90, addItems],
  [0x91, (machine) => machine.pushContainer(new Set(machine.popMark()))],
])

function pushTuple(machine: PickleMachine, length: number): void {
  const items: unknown[] = []
  while (items.length < length) items.unshift(machine.pop())
  machine.pushContainer(items)
}

function append(machine: PickleMachine, items: readonly unknown[]): void {
  const list = machine.top()
  if (!Array.isArray(list)) throw new RangeError('it appends to what is no list')
  for (const item of items) list.push(item)
}

function makeDict(machine: PickleMachine): void {
  const items = machine.popMark()
  machine.pushContainer(new Dict())
  setItems(machine, items)
}

function setItem(machine: PickleMachine): void {
  const value = machine.pop()
  const key = machine.pop()
  setItems(machine, [key, value])
}

function setItems(machine: PickleMachine, keysAndValues: readonly unknown[]): void {
  const dict = machine.top()
  if (!(dict instanceof Dict)) throw new RangeError('it sets items of what is no dict')
  if (keysAndValues.length % 2 !== 0) throw new RangeError('it sets a key without a value')
  for (const keyOrValue of keysAndValues) dict.items.push(keyOrValue)
}

function addItems(machine: PickleMachine): void {
  const items = machine.popMark()
  const set = machine.top()
  if (!(set instanceof Set)) throw new RangeError('it adds items to what is no set')
  for (const item of items) set.add(item)
}
