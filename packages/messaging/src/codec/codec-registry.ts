import { ConfigurationError, ContentDisallowedError, DecodeError } from '../errors.ts'
import { brotli } from './brotli.ts'
import { bytes, decodeUntyped } from './bytes.ts'
import type { Compressor, DecompressLimits } from './compressor.ts'
import { json } from './json.ts'
import type { Serializer } from './serializer.ts'
import { checkText, text } from './text.ts'
import { zlib } from './zlib.ts'
import { zstd } from './zstd.ts'

/** A serialized body with the two properties that say how to read it. */
export interface SerializedBody {
  readonly contentType: string
  readonly contentEncoding: string
  /** A string stands for its UTF-8 bytes. */
  readonly body: Uint8Array | string
}

/** A compressed body with the value of its `compression` header. */
export interface CompressedBody {
  readonly contentType: string
  readonly body: Uint8Array
}

/** How a body wants to be read, and what the reader allows. */
export interface ContentDescription {
  /** Missing or empty counts as `application/data`. */
  readonly contentType?: string | undefined
  /** Missing or empty counts as `utf-8`. Any case. */
  readonly contentEncoding?: string | undefined
  /**
   * The only types to read, from {@link CodecRegistry.acceptedContentTypes}. Default: all that are
   * not disabled.
   */
  readonly accept?: ReadonlySet<string> | undefined
}

/**
 * Types that no accept list can refuse: nothing is interpreted. Source: Kombu's `TRUSTED_CONTENT`.
 */
const trustedContentTypes: ReadonlySet<string> = new Set(['application/data', 'application/text'])

interface Codecs {
  readonly serializersByName: ReadonlyMap<string, Serializer>
  readonly serializersByType: ReadonlyMap<string, Serializer>
  readonly compressors: ReadonlyMap<string, Compressor>
  readonly disabledTypes: ReadonlySet<string>
}

/**
 * The serializers and compressors that a connection knows, and which types it reads. An immutable
 * value: every `with…` returns another registry.
 */
export class CodecRegistry {
  readonly #codecs: Codecs

  private constructor(codecs: Codecs) {
    this.#codecs = codecs
  }

  /**
   * Knows nothing yet: unknown types are read as text or bytes, and only strings and bytes are
   * written.
   */
  static empty(): CodecRegistry {
    return new CodecRegistry({
      serializersByName: new Map(),
      serializersByType: new Map(),
      compressors: new Map(),
      disabledTypes: new Set(),
    })
  }

  /**
   * Adds a serializer, in place of one with the same name or type, and enables its type; one that
   * says `enabled: false` (pickle) only writes until {@link withEnabled}.
   */
  withSerializer(serializer: Serializer): CodecRegistry {
    const serializersByName = new Map(this.#codecs.serializersByName)
    const serializersByType = new Map(this.#codecs.serializersByType)
    const replaced = serializersByName.get(serializer.name)
    if (replaced !== undefined) serializersByType.delete(replaced.contentType)
    serializersByName.set(serializer.name, serializer)
    serializersByType.set(serializer.contentType, serializer)
    const disabledTypes = new Set(this.#codecs.disabledTypes)
    if (serializer.enabled === false) disabledTypes.add(serializer.contentType)
    else disabledTypes.delete(serializer.contentType)
    return this.#with({ serializersByName, serializersByType, disabledTypes })
  }

  /**
   * Takes a serializer out. Its type is then unknown, not refused: see {@link withDisabled}.
   *
   * @throws ConfigurationError `CODEC_NOT_INSTALLED`
   */
  withoutSerializer(name: string): CodecRegistry {
    const serializer = this.#serializer(name)
    const serializersByName = new Map(this.#codecs.serializersByName)
    const serializersByType = new Map(this.#codecs.serializersByType)
    serializersByName.delete(name)
    const isReader = serializersByType.get(serializer.contentType) === serializer
    if (isReader) serializersByType.delete(serializer.contentType)
    return this.#with({ serializersByName, serializersByType })
  }

  /** Adds a compressor under its type and all its aliases. */
  withCompressor(compressor: Compressor): CodecRegistry {
    const compressors = new Map(this.#codecs.compressors)
    for (const name of [compressor.contentType, ...compressor.aliases]) {
      compressors.set(name, compressor)
    }
    return this.#with({ compressors })
  }

  /**
   * Reads a type again that was disabled.
   *
   * @param nameOrType a serializer's name, or a MIME type, which need not be known.
   * @throws ConfigurationError `CODEC_NOT_INSTALLED` for an unknown name
   */
  withEnabled(nameOrType: string): CodecRegistry {
    const disabledTypes = new Set(this.#codecs.disabledTypes)
    disabledTypes.delete(this.#contentType(nameOrType))
    return this.#with({ disabledTypes })
  }

  /**
   * Refuses to read a type where no accept list is given. Writing is not affected. Arguments as
   * {@link withEnabled}.
   */
  withDisabled(nameOrType: string): CodecRegistry {
    const disabledTypes = new Set(this.#codecs.disabledTypes).add(this.#contentType(nameOrType))
    return this.#with({ disabledTypes })
  }

  /**
   * Serializes a value. Without a name, bytes go as they are (`application/data`, `binary`), a
   * string as `text/plain`, anything else as JSON; with a name everything goes through that
   * serializer. Source: Kombu's `dumps`.
   *
   * @throws EncodeError; ConfigurationError `CODEC_NOT_INSTALLED` for an unknown name
   */
  dumps(value: unknown, serializerName?: string): SerializedBody {
    if (serializerName === undefined && value instanceof Uint8Array) {
      return { contentType: 'application/data', contentEncoding: 'binary', body: value }
    }
    if (serializerName === undefined && typeof value === 'string') {
      return { contentType: 'text/plain', contentEncoding: 'utf-8', body: checkText(value) }
    }
    const serializer = this.#serializer(serializerName ?? 'json')
    const body = serializer.encode(value)
    return {
      contentType: serializer.contentType,
      contentEncoding: encodingOf(serializer, body),
      body,
    }
  }

  /** The serializer that writes a type, for `dumps()`; `undefined` if there is none. */
  serializerNameOf(contentType: string): string | undefined {
    return this.#codecs.serializersByType.get(contentType)?.name
  }

  /**
   * Reads a body. Without an accept list, all types but the disabled ones; with one, only those on
   * it and the trusted `application/data` and `application/text`. `text/plain` is not trusted,
   * although `dumps` produces it: name `text` in the list to allow it. A type that is not known is
   * read as text in its content encoding, or stays bytes when that is `binary`. An empty body is
   * returned as it is, or as '' for `text/plain`. Source: Kombu's `loads`.
   *
   * @throws ContentDisallowedError, DecodeError, and nothing else
   */
  loads(body: Uint8Array, content: ContentDescription): unknown {
    const contentType = content.contentType || 'application/data'
    const contentEncoding = (content.contentEncoding || 'utf-8').toLowerCase()
    this.#checkAllowed(contentType, content.accept)
    if (body.byteLength === 0) return contentType === text.contentType ? '' : body

    const serializer = this.#codecs.serializersByType.get(contentType)
    return serializer === undefined
      ? decodeUntyped(body, contentEncoding)
      : serializer.decode(body, contentEncoding)
  }

  /**
   * The types that an `accept` option stands for: names of serializers, or MIME types as they are.
   * Kombu's `prepare_accept_content`.
   *
   * @throws ConfigurationError `CODEC_NOT_INSTALLED` for an unknown name
   */
  acceptedContentTypes(namesOrTypes: Iterable<string>): ReadonlySet<string> {
    const types = new Set<string>()
    for (const nameOrType of namesOrTypes) types.add(this.#contentType(nameOrType))
    return types
  }

  /**
   * @param nameOrType e.g. `gzip` or `application/x-gzip`.
   * @throws ConfigurationError `CODEC_NOT_INSTALLED`
   */
  compress(body: Uint8Array | string, nameOrType: string): CompressedBody {
    const { compressors } = this.#codecs
    const compressor = compressors.get(nameOrType)
    if (compressor === undefined) throw notInstalled('compressor', nameOrType, compressors)
    const input = typeof body === 'string' ? Buffer.from(body) : body
    return { contentType: compressor.contentType, body: compressor.compress(input) }
  }

  /**
   * @param nameOrType value of the message's `compression` header: a type or an alias.
   * @throws DecodeError `TOO_LARGE`, `NOT_DECODABLE`, or `CODEC_NOT_INSTALLED`
   */
  decompress(body: Uint8Array, nameOrType: string, limits: DecompressLimits): Uint8Array {
    const compressor = this.#codecs.compressors.get(nameOrType)
    if (compressor === undefined) {
      const known = listed(this.#codecs.compressors.keys())
      throw new DecodeError(
        'CODEC_NOT_INSTALLED',
        `The body is compressed as '${nameOrType}', and the compressors here are ${known}. Add one for it with withCompressor()`,
      )
    }
    return compressor.decompress(body, limits)
  }

  #with(changes: Partial<Codecs>): CodecRegistry {
    return new CodecRegistry({ ...this.#codecs, ...changes })
  }

  #serializer(name: string): Serializer {
    const serializer = this.#codecs.serializersByName.get(name)
    if (serializer !== undefined) return serializer
    throw notInstalled('serializer', name, this.#codecs.serializersByName)
  }

  #contentType(nameOrType: string): string {
    return nameOrType.includes('/') ? nameOrType : this.#serializer(nameOrType).contentType
  }

  #checkAllowed(contentType: string, accept: ReadonlySet<string> | undefined): void {
    if (accept === undefined) {
      if (this.#codecs.disabledTypes.has(contentType)) throw disabled(contentType)
      return
    }
    if (accept.has(contentType) || trustedContentTypes.has(contentType)) return
    throw notAccepted(contentType, accept)
  }
}

/**
 * Kombu's `raw` says `utf-8` of text and `binary` of bytes; every other serializer has one
 * encoding.
 */
function encodingOf(serializer: Serializer, body: Uint8Array | string): string {
  const textAsData = serializer.contentEncoding === 'binary' && typeof body === 'string'
  return textAsData ? 'utf-8' : serializer.contentEncoding
}

function notInstalled(
  kind: 'serializer' | 'compressor',
  name: string,
  known: ReadonlyMap<string, unknown>,
): ConfigurationError {
  const add = kind === 'serializer' ? 'withSerializer()' : 'withCompressor()'
  return new ConfigurationError(
    'CODEC_NOT_INSTALLED',
    `No ${kind} is named '${name}'; known are ${listed(known.keys())}. Add it with ${add}, or correct the name`,
  )
}

function disabled(contentType: string): ContentDisallowedError {
  return new ContentDisallowedError(
    `Content of type ${contentType} is not read here: the type is disabled. If its senders are trusted, name it in the accept list, or enable it with withEnabled('${contentType}')`,
  )
}

function notAccepted(contentType: string, accept: ReadonlySet<string>): ContentDisallowedError {
  const hint =
    contentType === text.contentType
      ? "A string that is published without a serializer has this type: publish with serializer 'json', or add 'text' to the accept list"
      : 'Have the sender use an accepted type, or add this one to the accept list if its senders are trusted'
  return new ContentDisallowedError(
    `Content of type ${contentType} is not accepted here: accepted are ${listed([...accept, ...trustedContentTypes])}. ${hint}`,
  )
}

function listed(names: Iterable<string>): string {
  return [...new Set(names)].join(', ') || 'none'
}

/**
 * What a connection uses when nothing is said: JSON (default), `text`, `raw`, and the compressions
 * that Node has: zlib, brotli and zstd. Pickle, YAML and MessagePack are disabled, as in Kombu,
 * whether or not something reads them.
 */
export const defaultCodecs: CodecRegistry = CodecRegistry.empty()
  .withSerializer(json)
  .withSerializer(text)
  .withSerializer(bytes)
  .withCompressor(zlib)
  .withCompressor(brotli)
  .withCompressor(zstd)
  .withDisabled('application/x-python-serialize')
  .withDisabled('application/x-yaml')
  .withDisabled('application/x-msgpack')
