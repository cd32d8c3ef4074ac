import { elementsOf, memberOf, type Span, unquoted, valueAt } from './json-text.ts'

/** A message that is out with a consumer. */
export interface UnackedRecord {
  /** The envelope, byte for byte, one character each (Latin-1): it need not be UTF-8. */
  readonly payload: string
  /** Empty: `routingKey` is the queue that it came from. Kombu peers write the real one. */
  readonly exchange: string
  readonly routingKey: string
}

/**
 * Reads a value of the `unacked` hash: `[envelope, exchange, routing key]`.
 *
 * @returns `undefined` when it is something else.
 */
export function readRecord(record: Buffer): UnackedRecord | undefined {
  const text = record.toString('latin1')
  return readOwn(text) ?? readAny(text)
}

/**
 * What we wrote ourselves, `[<payload>,"","<queue>"]`, whatever the payload is.
 *
 * Inside a JSON string every quote has a backslash before it, so the last `,"",` is the one we wrote.
 */
function readOwn(text: string): UnackedRecord | undefined {
  const at = text.lastIndexOf(',"",')
  if (!text.startsWith('[') || !text.endsWith(']') || at === -1) return undefined
  const routingKey = nameAt(text, valueAt(text, at + 4))
  if (routingKey === undefined) return undefined
  return { payload: text.slice(1, at), exchange: '', routingKey }
}

function readAny(text: string): UnackedRecord | undefined {
  const array = valueAt(text, 0)
  if (array === undefined) return undefined
  const [envelope, first, second, ...rest] = elementsOf(text, array)
  const exchange = nameAt(text, first)
  const routingKey = nameAt(text, second)
  if (envelope === undefined || exchange === undefined || routingKey === undefined) return undefined
  if (rest.length > 0) return undefined
  return { payload: text.slice(envelope.start, envelope.end), exchange, routingKey }
}

/** The name that a JSON string of UTF-8 bytes stands for. */
function nameAt(latin1: string, span: Span | undefined): string | undefined {
  if (span === undefined) return undefined
  const text = Buffer.from(latin1.slice(span.start, span.end), 'latin1').toString()
  return unquoted(text, { start: 0, end: text.length })
}

/**
 * The envelope marked as delivered before, in the two places where Kombu does: `headers.redelivered` and
 * `properties.delivery_info.redelivered`. All else keeps its text; what is no envelope stays as it is.
 */
export function markRedelivered(payload: string): string {
  return marked(marked(payload, ['properties', 'delivery_info']), ['headers'])
}

/** The priority of an envelope; 0 without one. */
export function priorityOf(payload: string): number {
  const span = spanAt(payload, ['properties', 'priority'])
  const priority = Number(
    span === undefined ? 0 : payload.slice(span.start, span.end).replaceAll('"', ''),
  )
  return Number.isFinite(priority) ? priority : 0
}

function marked(payload: string, path: readonly string[]): string {
  const object = spanAt(payload, path)
  if (object === undefined || payload[object.start] !== '{') return payload
  const mark = memberOf(payload, object, 'redelivered')
  if (mark !== undefined) return `${payload.slice(0, mark.start)}true${payload.slice(mark.end)}`

  const inside = payload.slice(object.start + 1, object.end - 1)
  const comma = inside.trim() === '' ? '' : ', '
  return `${payload.slice(0, object.end - 1)}${comma}"redelivered": true${payload.slice(object.end - 1)}`
}

function spanAt(text: string, path: readonly string[]): Span | undefined {
  let span = valueAt(text, 0)
  for (const name of path) {
    if (span === undefined) return undefined
    span = memberOf(text, span, name)
  }
  return span
}
