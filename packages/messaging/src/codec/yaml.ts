import { DecodeError, MessagingError, reasonOf } from '../errors.ts'
import { checkedLimit, NestingBounds } from './nesting-limits.ts'
import type { Serializer } from './serializer.ts'
import { decodeText } from './text.ts'
import type { ParseBounds } from './yaml/parse-document.ts'
import { readYaml } from './yaml/read-yaml.ts'
import { writeYaml } from './yaml/write-yaml.ts'

/** Bounds of reading and writing YAML. */
export interface YamlLimits {
  /**
   * Levels of sequences and mappings, in reading and writing, 1 to 1000. PyYAML ends below 500.
   * Default: 256.
   */
  readonly maxDepth?: number
  /**
   * Pieces that a text may fall into: scalars, signs, and the space between them. Each takes several
   * hundred bytes while it is read. Default: 500,000, about 2 MB of usual text.
   */
  readonly maxTokens?: number
}

/** What {@link yamlSerializer} may vary. */
export interface YamlOptions {
  readonly limits?: YamlLimits
}

/**
 * YAML 1.1, `application/x-yaml` in UTF-8, as PyYAML's `safe_load` and `safe_dump` have it: `yes`,
 * `on`, `010`, `1:30` and `2024-01-02` are no text there, `1e3` is, and what is written is quoted
 * accordingly.
 *
 * | written | YAML | read |
 * | --- | --- | --- |
 * | object, instance of another class | mapping | object, if all keys are text |
 * | `Map` of scalars | mapping | `Map`, if a key is something else |
 * | array | sequence | array, also of `!!omap` and `!!pairs` |
 * | `Set` of scalars | `!!set` | `Set` |
 * | safe integer, bigint | `!!int` | number, or bigint beyond ±(2 ** 53 - 1) |
 * | other number | `!!float` | number |
 * | `Uint8Array` | `!!binary` | `Uint8Array` |
 * | `PlainDate` | date | `PlainDate` |
 * | `Date`, `DateTime` | timestamp | `Date`, or `DateTime` when that would lose something |
 * | `toJSON()` of another object | what it returns | |
 * | undefined | null, or no entry of a mapping | |
 *
 * Aliases and merges (`<<`) are read; where several mappings are merged, the first one that has a
 * key counts. Refused: tags but those of YAML itself (`!!python/…`), aliases that come to more than
 * 1,000,000 values, values that contain themselves, several documents, keys that are no scalars, and
 * `__proto__` keys.
 *
 * @throws ConfigurationError `BAD_OPTION`
 */
export function yamlSerializer({ limits = {} }: YamlOptions = {}): Serializer {
  const { maxDepth = 256, maxTokens = 500_000 } = limits
  const bounds = {
    nesting: new NestingBounds('YAML', { maxDepth }),
    maxTokens: checkedLimit('YAML limit maxTokens', maxTokens),
  }
  return {
    name: 'yaml',
    contentType: 'application/x-yaml',
    contentEncoding: 'utf-8',
    encode: (value) => writeYaml(value, bounds.nesting.maxDepth),
    decode: (bytes) => decode(bytes, bounds),
  }
}

/**
 * YAML with the defaults: see {@link yamlSerializer}. For peers that send nothing else; it is
 * slower than the other serializers by far.
 *
 * ```ts
 * import { defaultCodecs } from '@dashi/messaging'
 * import { yaml } from '@dashi/messaging/yaml'
 *
 * const codecs = defaultCodecs.withSerializer(yaml)
 * ```
 */
export const yaml: Serializer = yamlSerializer()

/** Kombu gives PyYAML the bytes: UTF-8 whatever the content encoding says, or UTF-16 with a mark. */
function decode(bytes: Uint8Array, bounds: ParseBounds): unknown {
  const isUtf16 =
    (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff)
  const text = decodeText(bytes, isUtf16 ? 'utf-16' : 'utf-8-sig')
  try {
    return readYaml(text, bounds)
  } catch (error) {
    throw MessagingError.is(error) ? error : notYaml(text, error)
  }
}

function notYaml(text: string, cause: unknown): DecodeError {
  return new DecodeError(
    'NOT_DECODABLE',
    `The ${text.length} characters are not YAML that is read here: ${reasonOf(cause)}`,
    { cause },
  )
}
