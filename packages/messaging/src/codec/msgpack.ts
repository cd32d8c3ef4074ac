import { DecodeError, MessagingError, reasonOf } from '../errors.ts'
import { readMsgpack } from './msgpack/read-msgpack.ts'
import { writeMsgpack } from './msgpack/write-msgpack.ts'
import { NestingBounds, type NestingLimits } from './nesting-limits.ts'
import type { Serializer } from './serializer.ts'

export type { NestingLimits } from './nesting-limits.ts'

/** What {@link msgpackSerializer} may vary. */
export interface MsgpackOptions {
  readonly limits?: NestingLimits
}

/**
 * MessagePack, `application/x-msgpack`, as Kombu has it of msgpack-python: text and bytes apart,
 * maps with text as keys.
 *
 * | written | read |
 * | --- | --- |
 * | bigint | number, or bigint beyond ±(2 ** 53 - 1) |
 * | `Uint8Array` | `Uint8Array` |
 * | `Date`, `DateTime` (as a timestamp) | `Date`, or `DateTime` if it has microseconds, in UTC |
 * | `toJSON()` of another object | what it returns |
 * | undefined | absent in an object, null elsewhere |
 * | instance of another class | object of its own enumerable properties |
 *
 * Python reads a timestamp as a `msgpack.Timestamp`. Integers beyond 64 bits, maps, sets, functions,
 * symbols, half surrogate pairs, circular values and objects with a `__proto__` key are refused. A
 * number beyond ±(2 ** 53 - 1) is written as a float. Refused in reading: keys that are not text
 * (bytes too, which Python takes), extensions but timestamps, and bytes after the value.
 *
 * @throws ConfigurationError `BAD_OPTION`
 */
export function msgpackSerializer({ limits = {} }: MsgpackOptions = {}): Serializer {
  const bounds = new NestingBounds('MessagePack', limits)
  return {
    name: 'msgpack',
    contentType: 'application/x-msgpack',
    contentEncoding: 'binary',
    encode: (value) => writeMsgpack(value, bounds.maxDepth),
    decode: (bytes) => decode(bytes, bounds),
  }
}

/**
 * MessagePack with the defaults: see {@link msgpackSerializer}.
 *
 * ```ts
 * import { defaultCodecs } from '@dashi/messaging'
 * import { msgpack } from '@dashi/messaging/msgpack'
 *
 * const codecs = defaultCodecs.withSerializer(msgpack)
 * ```
 */
export const msgpack: Serializer = msgpackSerializer()

function decode(bytes: Uint8Array, bounds: NestingBounds): unknown {
  try {
    return readMsgpack(bytes, bounds)
  } catch (error) {
    throw MessagingError.is(error) ? error : notMsgpack(bytes, error)
  }
}

function notMsgpack(bytes: Uint8Array, cause: unknown): DecodeError {
  return new DecodeError(
    'NOT_DECODABLE',
    `The ${bytes.byteLength} bytes are not MessagePack that is read here: ${reasonOf(cause)}`,
    { cause },
  )
}
