/** What the matrix publishes, and how it has to arrive. Pure. */
import type { BodyKind, CompressionName } from './matrix.ts'

/** All 256. */
const allBytes = Uint8Array.from({ length: 256 }, (_, byte) => byte)

/** Everything that JSON has, what is easily lost on the way, and something to compress. */
const jsonValue = {
  text: 'snow ☃, emoji 🙂, quote ", \u0000, \u2028',
  numbers: [0, -1, 1.5, 1e100, 9_007_199_254_740_991],
  big: 9_223_372_036_854_775_807n,
  others: [true, false, null, {}, []],
  nested: { 'a.b': { '': [[1]] } },
  long: 'repeated '.repeat(50),
}

const richValue = { ...jsonValue, bytes: allBytes }

/** What is published for each kind of body. */
export const publishedValues: Readonly<Record<BodyKind, unknown>> = {
  json: jsonValue,
  yaml: richValue,
  msgpack: richValue,
  pickle: richValue,
  text: 'grüße ☃',
  bytes: allBytes,
  raw: 'grüße ☃',
}

/** The serializer that a kind of body names when it is published; `undefined`: none. */
export function serializerOf(body: BodyKind): string | undefined {
  return body === 'text' || body === 'bytes' ? undefined : body
}

/** Content type and content encoding. Source: Kombu's registry of serializers. */
const contents: Readonly<Record<BodyKind, readonly [string, string]>> = {
  json: ['application/json', 'utf-8'],
  yaml: ['application/x-yaml', 'utf-8'],
  msgpack: ['application/x-msgpack', 'binary'],
  pickle: ['application/x-python-serialize', 'binary'],
  text: ['text/plain', 'utf-8'],
  bytes: ['application/data', 'binary'],
  raw: ['application/data', 'utf-8'],
}

/** The header `compression`. Source: Kombu's registry of compressions. */
const compressionHeaders: Readonly<Record<CompressionName, string | undefined>> = {
  none: undefined,
  zlib: 'application/x-gzip',
  bzip2: 'application/x-bz2',
  lzma: 'application/x-lzma',
  brotli: 'application/x-brotli',
  zstd: 'application/zstd',
}

/** What a consumer of Kombu has to allow, so that it reads every kind. */
export const acceptedContent: readonly string[] = [
  ...new Set(Object.values(contents).map(([contentType]) => contentType)),
]

/** A message as it reached the application: the same form whoever consumed it. */
export interface Arrival {
  /** As {@link described}. */
  readonly body: unknown
  readonly contentType: string | undefined
  readonly contentEncoding: string | undefined
  /** The header `compression`. */
  readonly compression: unknown
  /** The header `x-cell`, published with every message. */
  readonly mark: unknown
}

/** What has to arrive. */
export function expectedArrival(
  { body, compression }: { readonly body: BodyKind; readonly compression: CompressionName },
  mark: string,
): Arrival {
  const [contentType, contentEncoding] = contents[body]
  return {
    body: described(publishedValues[body]),
    contentType,
    contentEncoding,
    compression: compressionHeaders[compression],
    mark,
  }
}

/**
 * A value as the peers describe it in JSON: bytes are `{ base64 }`, integers beyond JavaScript's are `{ python }`.
 * See `plain()` in `peers/json_lines.py`.
 */
export function described(value: unknown): unknown {
  if (value instanceof Uint8Array) return { base64: Buffer.from(value).toString('base64') }
  if (typeof value === 'bigint') return { python: String(value) }
  if (Array.isArray(value)) return value.map(described)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, described(item)]))
}
