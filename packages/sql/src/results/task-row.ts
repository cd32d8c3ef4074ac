import { pickle } from '@dashi/messaging/pickle'
import type { ResultContext, ResultMeta } from '@dashi/tasks/results'
import type { TaskRow } from './result-protocol.ts'

const ready: ReadonlySet<string> = new Set(['SUCCESS', 'FAILURE', 'REVOKED'])

/** How arguments are written: unlike the result, by the serializer of results. Source: celery/backends/database. */
export type ArgumentCodec = Pick<ResultContext, 'codecs' | 'serializer' | 'accept'>

/** A meta as Celery's table holds it. The result is pickled, whatever the serializer. */
export function rowOf(meta: ResultMeta, codec: ArgumentCodec): TaskRow {
  const { name = null, worker = null, retries = null, queue = null } = meta
  return {
    task_id: meta.task_id,
    status: meta.status,
    result: meta.result === null ? null : bytes(pickle.encode(meta.result)),
    date_done: ready.has(meta.status) ? sqlDate(meta.date_done ?? new Date().toISOString()) : null,
    traceback: meta.traceback,
    ...{ name, worker, retries, queue },
    args: argumentBytes(meta.args, codec),
    kwargs: argumentBytes(meta.kwargs, codec),
  }
}

/** @throws {DecodeError} a pickle that is no plain data; {ContentDisallowedError}. */
export function metaOf(row: TaskRow, codec: ArgumentCodec): ResultMeta {
  const { name, worker, retries, queue } = row
  const isExtended = name !== null || row.args !== null || worker !== null
  return {
    status: row.status,
    result: row.result === null ? null : pickle.decode(row.result, 'binary'),
    traceback: row.traceback,
    children: null,
    date_done: row.date_done && isoDate(row.date_done),
    ...(isExtended && {
      ...{ name, worker, retries, queue },
      // What the writer has put there.
      args: argumentValue(row.args, codec) as readonly unknown[] | null,
      kwargs: argumentValue(row.kwargs, codec) as Readonly<Record<string, unknown>> | null,
    }),
    task_id: row.task_id,
  }
}

/** As SQLAlchemy writes a datetime, which has no zone: UTC. */
export function sqlDate(iso: string): string {
  const [, day = '', time = '', fraction = ''] =
    /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:\.(\d{1,6}))?/.exec(iso) ?? []
  return `${day} ${time}.${fraction.padEnd(6, '0')}`
}

function isoDate(sql: string): string {
  return `${sql.replace(' ', 'T').replace(/\.000000$/, '')}+00:00`
}

function argumentBytes(value: unknown, { codecs, serializer }: ArgumentCodec): Uint8Array | null {
  return value === null || value === undefined ? null : bytes(codecs.dumps(value, serializer).body)
}

function argumentValue(written: Uint8Array | null, codec: ArgumentCodec): unknown {
  if (written === null) return null
  const { codecs, serializer, accept } = codec
  const { contentType, contentEncoding } = codecs.dumps(null, serializer)
  const accepted = codecs.acceptedContentTypes(accept)
  return codecs.loads(written, { contentType, contentEncoding, accept: accepted })
}

function bytes(body: Uint8Array | string): Uint8Array {
  return typeof body === 'string' ? Buffer.from(body) : body
}
