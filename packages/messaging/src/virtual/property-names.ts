/** AMQP's property names: ours, and the wire's inside a virtual envelope. */

const wireNames: Readonly<Record<string, string>> = {
  deliveryMode: 'delivery_mode',
  correlationId: 'correlation_id',
  replyTo: 'reply_to',
  messageId: 'message_id',
  userId: 'user_id',
  appId: 'app_id',
  clusterId: 'cluster_id',
}

const ourNames: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(wireNames).map(([ours, wire]) => [wire, ours]),
)

/** Kept by the envelope itself; never an application property. */
const bookkeeping = new Set(['delivery_info', 'body_encoding', 'delivery_tag'])

/** `correlationId` → `correlation_id`; unknown names stay as they are. */
export function wireName(name: string): string {
  return wireNames[name] ?? name
}

/** The application properties of an envelope, under our names. */
export function readProperties(wire: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const properties: Record<string, unknown> = {}
  for (const key of Object.keys(wire)) {
    if (!bookkeeping.has(key)) properties[ourNames[key] ?? key] = wire[key]
  }
  return properties
}
