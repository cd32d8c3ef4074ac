import { DecodeError, reasonOf } from '../errors.ts'
import type { JsonType } from './json-type.ts'

/** Decoders by the `__type__` that they understand. */
export type JsonTags = ReadonlyMap<string, JsonType>

/**
 * Whether the text may hold a tagged value or a `__proto__` key: the names themselves, or an escape
 * that could spell a part of them. Cheap, and sometimes wrong about strings, never the other way
 * round.
 */
export function mayHoldSpecialKeys(text: string): boolean {
  return /__(?:type|proto)__|\\u00[4-7]/.test(text)
}

/**
 * Replaces tagged values in a freshly parsed value, innermost first, in place.
 *
 * @param tags undefined leaves tagged values as the objects that they are.
 * @throws DecodeError for an unknown tag, a value its decoder does not take, or a `__proto__` key.
 */
export function reviveJson(value: unknown, tags: JsonTags | undefined): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return reviveArray(value, tags)
  return reviveObject(value as Record<string, unknown>, tags) // All that JSON.parse makes besides.
}

function reviveArray(array: unknown[], tags: JsonTags | undefined): unknown[] {
  for (let index = 0; index < array.length; index += 1) {
    array[index] = reviveJson(array[index], tags)
  }
  return array
}

function reviveObject(object: Record<string, unknown>, tags: JsonTags | undefined): unknown {
  const keys = Object.keys(object)
  for (const key of keys) {
    if (key === '__proto__') throw protoKey()
    object[key] = reviveJson(object[key], tags)
  }
  const isTagged =
    keys.length === 2 && Object.hasOwn(object, '__type__') && Object.hasOwn(object, '__value__')
  return isTagged && tags !== undefined
    ? untag(object['__type__'], object['__value__'], tags)
    : object
}

function untag(marker: unknown, encoded: unknown, tags: JsonTags): unknown {
  const type = typeof marker === 'string' ? tags.get(marker) : undefined
  if (type === undefined) throw unknownTag(marker, tags)
  if (type.decode === undefined) return encoded
  try {
    return type.decode(encoded)
  } catch (error) {
    throw badTag(marker, error)
  }
}

function shown(marker: unknown): string {
  return typeof marker === 'string' ? `'${marker.slice(0, 60)}'` : `a ${typeof marker}`
}

function protoKey(): DecodeError {
  return new DecodeError(
    'NOT_DECODABLE',
    "The JSON holds an object with the key '__proto__', which would change what objects in this process inherit when it is copied. It is refused; rename the key at the sender",
  )
}

function unknownTag(marker: unknown, tags: JsonTags): DecodeError {
  return new DecodeError(
    'NOT_DECODABLE',
    `The JSON holds a value tagged ${shown(marker)}; known here are ${[...tags.keys()].join(', ')}. Add the type with jsonSerializer({ types: […] })`,
  )
}

function badTag(marker: unknown, cause: unknown): DecodeError {
  return new DecodeError(
    'NOT_DECODABLE',
    `The JSON holds a value tagged ${shown(marker)} that cannot be read: ${reasonOf(cause)}`,
    { cause },
  )
}
