import { DecodeError, MessagingError, reasonOf } from '../errors.ts'
import { NestingBounds, type NestingLimits } from './nesting-limits.ts'
import { readPickle } from './pickle/read-pickle.ts'
import { writePickle } from './pickle/write-pickle.ts'
import type { Serializer } from './serializer.ts'

export type { NestingLimits } from './nesting-limits.ts'

/** What {@link pickleSerializer} may vary. */
export interface PickleOptions {
  readonly limits?: NestingLimits
}

/**
 * Python's pickles, `application/x-python-serialize`, as data: protocols 0 to 5 are read, 4 is
 * written. Nothing is looked up and nothing is called: a name that is not one of a few types of
 * Python's own is refused with an error that says it.
 *
 * | written | Python | read |
 * | --- | --- | --- |
 * | object, instance of another class | dict | object, if all keys are text |
 * | `Map` | dict | `Map`, if a key is something else |
 * | array | list, or tuple as a key or in a set | array, also of a tuple |
 * | `Set` | set, or frozenset as a key or in a set | `Set`, also of a frozenset |
 * | safe integer, bigint | int | number, or bigint beyond ±(2 ** 53 - 1) |
 * | other number | float | number |
 * | `Uint8Array` | bytes | `Uint8Array`, also of a bytearray |
 * | `Date`, `DateTime` | datetime | `Date`, or `DateTime` when that would lose something |
 * | `PlainDate`, `PlainTime`, `Decimal`, `Uuid` | date, time, Decimal, UUID | the same |
 * | `toJSON()` of another object | what it returns | |
 * | undefined | None, or no item of a dict | |
 *
 * Also read: OrderedDict, as an object. Zones are read if they are `timezone` or `pytz.UTC`, not
 * from zoneinfo. Refused: text with half a surrogate pair, a str of Python 2, values that contain
 * themselves, and dicts with a `__proto__` key.
 *
 * @throws ConfigurationError `BAD_OPTION`
 */
export function pickleSerializer({ limits = {} }: PickleOptions = {}): Serializer {
  const bounds = new NestingBounds('pickle', limits)
  return {
    name: 'pickle',
    contentType: 'application/x-python-serialize',
    contentEncoding: 'binary',
    enabled: false,
    encode: (value) => writePickle(value, bounds.maxDepth),
    decode: (bytes) => decode(bytes, bounds),
  }
}

/**
 * Pickle with the defaults: see {@link pickleSerializer}. For peers that send nothing else. Its
 * type stays disabled when it is added, as in Kombu: enable it, or name it in an accept list.
 *
 * ```ts
 * import { defaultCodecs } from '@dashi/messaging'
 * import { pickle } from '@dashi/messaging/pickle'
 *
 * const codecs = defaultCodecs.withSerializer(pickle).withEnabled('pickle')
 * ```
 */
export const pickle: Serializer = pickleSerializer()

function decode(bytes: Uint8Array, bounds: NestingBounds): unknown {
  try {
    return readPickle(bytes, bounds)
  } catch (error) {
    throw MessagingError.is(error) ? error : notPickle(bytes, error)
  }
}

function notPickle(bytes: Uint8Array, cause: unknown): DecodeError {
  return new DecodeError(
    'NOT_DECODABLE',
    `The ${bytes.byteLength} bytes are not a pickle that is read here: ${reasonOf(cause)}`,
    { cause },
  )
}
