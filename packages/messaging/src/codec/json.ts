import {
  ConfigurationError,
  DecodeError,
  EncodeError,
  MessagingError,
  reasonOf,
} from '../errors.ts'
import { checkJsonDepth } from './json-depth.ts'
import { withoutNonFinite } from './json-non-finite.ts'
import { mayHoldLongInteger, readLongIntegers } from './json-number.ts'
import { isPlainJson } from './json-plain.ts'
import { type JsonTags, mayHoldSpecialKeys, reviveJson } from './json-revive.ts'
import { taggedTypes, untaggedTypes } from './json-tags.ts'
import type { JsonType } from './json-type.ts'
import { writeJson } from './json-write.ts'
import type { Serializer } from './serializer.ts'
import { decodeText } from './text.ts'

/** Bounds of reading and writing JSON. */
export interface JsonLimits {
  /**
   * Levels of arrays and objects, 1 to 1000. Python's own reader ends at about 1000. Default: 512.
   */
  readonly maxDepth?: number
}

/** What {@link jsonSerializer} may vary. */
export interface JsonOptions {
  /**
   * Write dates, bytes, decimals and UUIDs as `{"__type__": …, "__value__": …}`, and read them
   * back. Without: as Kombu 5.2 writes them, which cannot be read back. Default: true.
   */
  readonly tags?: boolean
  /** Further types, tried before the built-in ones. Kombu's `register_type()`. */
  readonly types?: readonly JsonType[]
  readonly limits?: JsonLimits
}

/** A serializer that also works on text, for JSON that is not a body of its own. */
export interface JsonSerializer extends Serializer {
  /** @throws EncodeError naming the place in the value. */
  encode(value: unknown): string
  /** @throws DecodeError, and nothing else */
  parse(text: string): unknown
}

/**
 * Kombu's JSON, `application/json` in UTF-8.
 *
 * | written | read |
 * | --- | --- |
 * | `Date` | `Date`, or `DateTime` when that would lose microseconds, the offset, or its absence |
 * | `PlainDate`, `PlainTime`, `Decimal`, `Uuid` | the same |
 * | `Uint8Array` | `Uint8Array` |
 * | bigint | number, or bigint beyond ±(2 ** 53 - 1) |
 * | NaN, Infinity | the same |
 * | `__json__()` or `toJSON()` of an object | what they return |
 * | undefined | absent in an object, null elsewhere |
 * | instance of another class | object of its own enumerable properties |
 *
 * Maps, sets, functions, symbols, circular values and objects with a `__proto__` key are refused. A
 * number beyond ±(2 ** 53 - 1) is written as a float (`9007199254740992.0`), so that it stays one.
 * Python's floats without a fraction (`1.0`) read as numbers like any other, and go back as
 * integers (`1`).
 *
 * @throws ConfigurationError `BAD_OPTION`
 */
export function jsonSerializer(options: JsonOptions = {}): JsonSerializer {
  const { tags = true, types = [], limits = {} } = options
  const maxDepth = checkedDepth(limits.maxDepth ?? 512)
  const writeTypes = tags
    ? [...types, ...taggedTypes]
    : [...types.map((type) => ({ ...type, marker: null })), ...untaggedTypes]
  const readTags = tags ? tagsOf([...taggedTypes, ...types]) : undefined

  function encode(value: unknown): string {
    try {
      if (isPlainJson(value, maxDepth)) return JSON.stringify(value) ?? 'null'
      return writeJson(value, { types: writeTypes, maxDepth })
    } catch (error) {
      throw MessagingError.is(error) ? error : notWritable(error)
    }
  }

  function parse(text: string): unknown {
    checkJsonDepth(text, maxDepth)
    const value = parseNumbers(text)
    return mayHoldSpecialKeys(text) ? reviveJson(value, readTags) : value
  }

  return {
    name: 'json',
    contentType: 'application/json',
    contentEncoding: 'utf-8',
    encode,
    parse,
    // Kombu reads JSON as UTF-8 whatever the content encoding says.
    decode: (bytes) => parse(decodeText(bytes, 'utf-8')),
  }
}

/** The JSON of Kombu 5.3 and newer, and the default. See {@link jsonSerializer}. */
export const json: JsonSerializer = jsonSerializer()

/**
 * The JSON of Kombu 5.2 and older, for peers that do not know tags: special values become bare
 * text, and what they send is read as it is. It takes the place of {@link json}:
 * `defaultCodecs.withSerializer(legacyJson)`.
 */
export const legacyJson: JsonSerializer = jsonSerializer({ tags: false })

function parseNumbers(text: string): unknown {
  try {
    return mayHoldLongInteger(text) ? JSON.parse(text, readLongIntegers) : JSON.parse(text)
  } catch (error) {
    if (MessagingError.is(error)) throw error
    return parseNonFinite(text, error)
  }
}

function parseNonFinite(text: string, cause: unknown): unknown {
  const strict = withoutNonFinite(text)
  if (strict === undefined) throw notJson(text, cause)
  try {
    return JSON.parse(strict.text, strict.reviver)
  } catch (error) {
    throw MessagingError.is(error) ? error : notJson(text, error)
  }
}

function tagsOf(types: readonly JsonType[]): JsonTags {
  const tags = new Map<string, JsonType>()
  for (const type of types) if (type.marker !== null) tags.set(type.marker, type)
  return tags
}

function checkedDepth(maxDepth: number): number {
  if (Number.isInteger(maxDepth) && maxDepth >= 1 && maxDepth <= 1000) return maxDepth
  throw new ConfigurationError(
    'BAD_OPTION',
    `The JSON limit maxDepth must be an integer from 1 to 1000, not ${maxDepth}`,
  )
}

function notWritable(cause: unknown): EncodeError {
  return new EncodeError('NOT_ENCODABLE', `Cannot write the value as JSON: ${reasonOf(cause)}`, {
    cause,
  })
}

function notJson(text: string, cause: unknown): DecodeError {
  return new DecodeError(
    'NOT_DECODABLE',
    `The ${text.length} characters are not JSON: ${reasonOf(cause)}`,
    { cause },
  )
}
