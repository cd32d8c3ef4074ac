/** The envelopes of virtual transports, which `@dashi/messaging` exports to nobody: loaded by path, to be measured. */
import type { IncomingMessage, OutgoingMessage } from '@dashi/messaging/transport'

interface EnvelopeReaderModule {
  readonly readMessage: (payload: string, queue: string) => IncomingMessage
}

interface EnvelopeWriterModule {
  readonly EnvelopeWriter: new (
    bodyEncoding: 'base64' | 'utf-8',
  ) => { write(message: OutgoingMessage, deliveryTag: string): string }
}

const folder = new URL('../packages/messaging/src/virtual/', import.meta.url)

// The parts that a benchmark relies on; one that is wrong about them fails at once.
const reader = (await import(new URL('envelope-text.ts', folder).href)) as EnvelopeReaderModule
const writer = (await import(new URL('envelope-writer.ts', folder).href)) as EnvelopeWriterModule

export const readMessage: EnvelopeReaderModule['readMessage'] = reader.readMessage
export const EnvelopeWriter: EnvelopeWriterModule['EnvelopeWriter'] = writer.EnvelopeWriter
