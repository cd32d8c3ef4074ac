/** `basic.return`: a message that no queue took, with all of it. */
import type { Content } from '../wire/content.ts'
import { readContentHeader } from '../wire/properties.ts'
import type { ReturnedMessage } from './confirm-window.ts'

/** What came back, and the broker's reason, e.g. `NO_ROUTE`. */
export function readReturn(content: Content): {
  readonly returned: ReturnedMessage
  readonly reason: string
} {
  const { fields, header, body } = content
  const reason = shortText(fields, 2)
  const exchange = shortText(fields, reason.end)
  const routingKey = shortText(fields, exchange.end)
  const { messageId, correlationId } = readContentHeader(header).properties
  return {
    reason: reason.text,
    returned: {
      exchange: exchange.text,
      routingKey: routingKey.text,
      messageId,
      correlationId,
      body,
    },
  }
}

function shortText(bytes: Buffer, at: number): { readonly text: string; readonly end: number } {
  const end = at + 1 + bytes.readUInt8(at)
  return { text: bytes.toString('utf8', at + 1, end), end }
}
