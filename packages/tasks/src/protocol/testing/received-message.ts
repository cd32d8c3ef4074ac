import { type CodecRegistry, defaultCodecs, Message } from '@dashi/messaging'

/** What of a message a test says; the rest is as usual. */
export interface ReceivedParts {
  readonly headers?: Readonly<Record<string, unknown>>
  readonly properties?: Readonly<Record<string, unknown>>
  /** A value is written as JSON. */
  readonly body: Uint8Array | string | object | number
  readonly contentType?: string
  readonly contentEncoding?: string
  readonly codecs?: CodecRegistry
}

/** A message as a consumer gets it, without a broker. */
export function receivedMessage(parts: ReceivedParts): Message {
  const { headers = {}, properties = {}, body } = parts
  const {
    contentType = 'application/json',
    contentEncoding = 'utf-8',
    codecs = defaultCodecs,
  } = parts
  const source = {
    settle: () => undefined,
    settled: async () => undefined,
    signal: new AbortController().signal,
  }
  const data =
    typeof body === 'string' || body instanceof Uint8Array
      ? body
      : Buffer.from(defaultCodecs.dumps(body, 'json').body)
  const incoming = {
    ...{ exchange: '', routingKey: 'celery', contentType, contentEncoding, headers, properties },
    ...{ deliveryTag: 'tag', redelivered: false, deliveryInfo: {}, missedCount: 0 },
    body: { data, encoding: typeof data === 'string' ? ('utf-8' as const) : ('bytes' as const) },
  }
  const accept = codecs.acceptedContentTypes(['json'])
  const reading = { codecs, accept, maxBodyBytes: 1_000_000 }
  return new Message({ incoming, handle: 1, queue: 'celery', consumerTag: 't', source, reading })
}

/** Headers and body of a message that can run, for a test to spoil. */
export const minimalTask = {
  headers: { task: 'tasks.add', id: 'an-id' },
  body: [[1, 2], {}, { callbacks: null, errbacks: null, chain: null, chord: null }],
} as const
