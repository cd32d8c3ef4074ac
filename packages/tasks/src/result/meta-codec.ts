import type { CodecRegistry } from '@dashi/messaging'
import { TaskError } from '../errors.ts'
import type { ResultMeta } from './result-meta.ts'
import type { MetaCodec, ResultContext } from './result-store.ts'

/** What writing and reading results depends on. */
export type MetaCodecOptions = Pick<ResultContext, 'codecs' | 'serializer' | 'accept'>

/**
 * Metas and groups as bytes, in the serializer of results. A result does not say what it is written in: as in Celery, writer
 * and reader must be set to the same.
 *
 * @throws {ConfigurationError} `CODEC_NOT_INSTALLED`: the serializer, or a name to accept.
 */
export function metaCodec({ codecs, serializer, accept }: MetaCodecOptions): MetaCodec {
  const { contentType, contentEncoding } = codecs.dumps(null, serializer)
  const accepted = codecs.acceptedContentTypes(accept)
  const read = (bytes: Uint8Array): unknown =>
    codecs.loads(bytes, { contentType, contentEncoding, accept: accepted })
  return {
    write: (meta) => writeWith(codecs, serializer, meta),
    read: (bytes, taskId) => asMeta(read(bytes), taskId),
    writeGroup: (result) => codecs.dumps({ result }, serializer).body,
    readGroup: (bytes, groupId) => asGroup(read(bytes), groupId),
  }
}

function writeWith(
  codecs: CodecRegistry,
  serializer: string,
  meta: ResultMeta,
): Uint8Array | string {
  try {
    return codecs.dumps(meta, serializer).body
  } catch (error) {
    throw notEncodable(meta, error)
  }
}

/** A meta as a store found it. @throws {TaskError} `RESULT_STORE_FAILED` what it found is none. */
export function asMeta(value: unknown, taskId: string): ResultMeta {
  const meta = value as Partial<ResultMeta> | null | undefined // Looked at before it is believed.
  if (typeof meta !== 'object' || typeof meta?.status !== 'string') {
    throw new TaskError(
      'RESULT_STORE_FAILED',
      `What is stored as the result of task ${taskId} is none: it has no "status". Somebody else uses the same key`,
    )
  }
  const { result = null, traceback = null, children = null, date_done = null } = meta
  return { ...meta, status: meta.status, result, traceback, children, date_done, task_id: taskId }
}

function asGroup(value: unknown, groupId: string): unknown {
  if (typeof value === 'object' && value !== null && 'result' in value) return value.result
  throw new TaskError(
    'RESULT_STORE_FAILED',
    `What is stored as group ${groupId} is none: it has no "result". Somebody else uses the same key`,
  )
}

function notEncodable({ task_id, status }: ResultMeta, cause: unknown): TaskError {
  const reason = cause instanceof Error ? cause.message : String(cause)
  return new TaskError(
    'NOT_ENCODABLE',
    `The result of task ${task_id} (${status}) cannot be stored: ${reason}`,
    { cause },
  )
}
