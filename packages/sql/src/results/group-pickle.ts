/**
 * Groups of results as Celery keeps them in a database: a pickled `GroupResult`, made of its id, its results and its parent.
 *
 * Source: celery/result.py, `__reduce_args__` of `AsyncResult` and `GroupResult`.
 */
import { DecodeError, EncodeError } from '@dashi/messaging/transport'
import { type PickledCall, type PickledName, readCalls } from './pickle-reader.ts'

const none = Buffer.from('N')
const reduce = Buffer.from('R')

/** @param tuple `[[id, parent], [tuples]]`. @throws {EncodeError} it is no such tuple. */
export function pickleGroup(tuple: unknown): Uint8Array {
  return Buffer.concat([Buffer.from([0x80, 2]), resultBytes(tuple), Buffer.from('.')])
}

/** @returns `[[id, parent], [tuples]]`. @throws {DecodeError} it is no pickled group. */
export function unpickleGroup(pickled: Uint8Array): unknown {
  try {
    return tupleOf(readCalls(pickled))
  } catch (error) {
    throw error instanceof DecodeError ? error : notGroup(error)
  }
}

function resultBytes(tuple: unknown): Buffer {
  const [head, children] = Array.isArray(tuple) ? tuple : []
  const [id, parent] = Array.isArray(head) ? head : [head, null]
  if (typeof id !== 'string') throw notTuple(tuple)
  const parentBytes = parent ? resultBytes(parent) : none
  if (!Array.isArray(children)) {
    const args = [none, none, none, parentBytes]
    return Buffer.concat([
      name('AsyncResult'),
      Buffer.from('('),
      text(id),
      ...args,
      Buffer.from('t'),
      reduce,
    ])
  }
  const list = [Buffer.from(']('), ...children.map(resultBytes), Buffer.from('e')]
  return Buffer.concat([
    name('GroupResult'),
    text(id),
    ...list,
    parentBytes,
    Buffer.from([0x87]),
    reduce,
  ])
}

function name(className: string): Buffer {
  return Buffer.from(`ccelery.result\n${className}\n`)
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value)
  const length = Buffer.alloc(4)
  length.writeUInt32LE(bytes.length)
  return Buffer.concat([Buffer.from('X'), length, bytes])
}

function tupleOf(value: unknown): unknown {
  const { callee, args } = value as PickledCall // Looked at below.
  const { module, name: className } = (callee ?? {}) as PickledName
  if (module !== 'celery.result' || !Array.isArray(args)) throw notGroup(undefined)
  if (className === 'GroupResult') {
    const [id, results, parent = null] = args
    if (!Array.isArray(results)) throw notGroup(undefined)
    return [[id, parent && tupleOf(parent)], results.map(tupleOf)]
  }
  const [id, , , , parent = null] = args
  return [[id, parent && tupleOf(parent)], null]
}

function notTuple(tuple: unknown): EncodeError {
  return new EncodeError(
    'NOT_ENCODABLE',
    `This is no result, [[id, parent], children]: ${JSON.stringify(tuple)?.slice(0, 100)}`,
  )
}

function notGroup(cause: unknown): DecodeError {
  const reason = cause instanceof Error ? `: ${cause.message}` : ''
  return new DecodeError('NOT_DECODABLE', `What is stored is no group of results${reason}`, {
    cause,
  })
}
