import { DecodeError } from '../../errors.ts'
import { Uuid } from '../uuid.ts'
import { code, type Opcode, type Opcodes, type PickleMachine } from './machine.ts'
import { globalName, isGlobal, isKnownGlobal, reductions } from './reductions.ts'
import { Dict, GlobalReference, UnfinishedUuid } from './reference.ts'

/**
 * Instructions with which a pickle names classes and has them called. Here they compare the name
 * with a few that are known, and make the value themselves.
 */
export const objectOpcodes: Opcodes = new Map<number, Opcode>([
  [code('c'), pushGlobalOfLines],
  [0x93, pushGlobalOfStack],
  [code('R'), reduce],
  [0x81, makeNew],
  [code('b'), build],
  [code('i'), refuseInstance],
  [code('S'), refusing('a str of Python 2')],
  [code('T'), refusing('a str of Python 2')],
  [code('U'), refusing('a str of Python 2')],
  [code('o'), refusing('an object that is made the way of Python 2')],
  [0x92, refusing('an object that is made with keyword arguments')],
  [code('P'), refusing('an object that is kept elsewhere (persistent id)')],
  [code('Q'), refusing('an object that is kept elsewhere (persistent id)')],
  [0x82, refusing('a number for a class (extension registry)')],
  [0x83, refusing('a number for a class (extension registry)')],
  [0x84, refusing('a number for a class (extension registry)')],
  [0x97, refusing('a buffer that is kept elsewhere')],
  [0x98, refusing('a buffer that is kept elsewhere')],
])

function pushGlobalOfLines(machine: PickleMachine): void {
  const module = machine.input.line()
  pushGlobal(machine, module, machine.input.line())
}

function pushGlobalOfStack(machine: PickleMachine): void {
  const name = machine.pop()
  const module = machine.pop()
  if (typeof module !== 'string' || typeof name !== 'string') {
    throw new RangeError('it names a class by what is no text')
  }
  pushGlobal(machine, module, name)
}

function pushGlobal(machine: PickleMachine, module: string, name: string): void {
  const full = globalName(module, name)
  if (!isKnownGlobal(full)) throw notAllowed(full)
  machine.push(new GlobalReference(full))
}

function reduce(machine: PickleMachine): void {
  const args = machine.pop()
  const callee = machine.pop()
  const reduction = callee instanceof GlobalReference ? reductions.get(callee.name) : undefined
  if (reduction === undefined || !Array.isArray(args)) {
    throw new RangeError('it calls what is no class, or with what are no arguments')
  }
  machine.push(reduction(args))
}

function makeNew(machine: PickleMachine): void {
  const args = machine.pop()
  const isPlain = Array.isArray(args) && args.length === 0
  if (!isGlobal(machine.pop(), 'uuid.UUID') || !isPlain) {
    throw new RangeError('it makes an object of an unknown class')
  }
  machine.push(new UnfinishedUuid())
}

/** Tells an object what it is made of. */
function build(machine: PickleMachine): void {
  const state = machine.pop()
  const object = machine.pop()
  const number = state instanceof Dict ? state.items[state.items.indexOf('int') + 1] : undefined
  const isNumber = typeof number === 'bigint' || (typeof number === 'number' && number >= 0)
  if (!(object instanceof UnfinishedUuid) || !isNumber) {
    throw new RangeError('it tells what is no UUID what it is made of')
  }
  object.uuid = new Uuid(number.toString(16).padStart(32, '0'))
  machine.push(object.uuid)
}

function refuseInstance({ input }: PickleMachine): never {
  throw notAllowed(`${input.line()}.${input.line()}`)
}

function refusing(what: string): Opcode {
  return () => {
    throw new RangeError(`it holds ${what}, which is not read here`)
  }
}

/** Names the class or function that a pickle wants. */
function notAllowed(name: string): DecodeError {
  const shown = name.length > 120 ? `${name.slice(0, 120)}…` : name
  return new DecodeError(
    'NOT_DECODABLE',
    `The pickle refers to '${shown}'. Pickles are read here as data only: dicts, lists, tuples, sets, text, bytes, numbers, and datetime, date, time, Decimal and UUID; nothing else is made, and nothing is called. Have the sender use json, or convert the value first`,
  )
}
