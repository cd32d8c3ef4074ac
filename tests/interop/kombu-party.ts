/**
 * Kombu as a party of the interoperability matrix.
 */
import type { Arrival, Inbox, Party, Route } from './cell.ts'
import { publishedValues } from './cell.ts'
import type { KombuPeer, PeerBody, PeerEntity, PeerMessage, PeerQueue } from './kombu-peer.ts'
import type { BodyKind } from './matrix.ts'

/** Connects a peer to a broker; closing the peer ends it. */
export async function kombuParty(peer: KombuPeer, url: string): Promise<Party> {
  // Kombu's default of a second between two looks into a table is a long time in a test.
  const { connection } = await peer.request('connect', { url, polling_interval: 0.02 })
  return {
    consume: (route) => openInbox(peer, connection, route),
    publish: async (route, { body, mark }) => {
      await peer.request('publish', {
        connection,
        ...destination(route),
        ...bodyArguments(body),
        headers: { 'x-cell': mark },
      })
    },
  }
}

async function openInbox(peer: KombuPeer, connection: string, route: Route): Promise<Inbox> {
  const { consumer } = await peer.request('subscribe', { connection, queues: [queueOf(route)] })
  return {
    next: async (timeoutMs) => {
      const { messages } = await peer.request('receive', { consumer, timeout: timeoutMs / 1000 })
      const [message] = messages
      if (message === undefined) return undefined
      await peer.request('ack', { message: message.message })
      return arrivalOf(message)
    },
    close: async () => {
      await peer.request('cancel', { consumer })
    },
  }
}

/**
 * The publisher declares the queue too: where Kombu keeps bindings in the memory of each process
 * (SQL), a publisher that has not declared them drops the message.
 */
function destination(route: Route) {
  const { exchangeName, routingKey: routing_key, exchange: type } = route
  const queue: PeerEntity = { queue: queueOf(route) }
  if (type === 'default') return { routing_key, declare: [queue] }
  const exchange = { name: exchangeName, type }
  // A queue of the publisher's own would make a copy of each broadcast for nobody.
  const declare: readonly PeerEntity[] = type === 'fanout' ? [{ exchange }] : [queue]
  return { exchange, routing_key, declare }
}

function queueOf(route: Route): PeerQueue {
  const { queueName: name, exchangeName, bindingKey: routing_key, exchange: type } = route
  if (type === 'default') return { name }
  return { name, routing_key, exchange: { name: exchangeName, type } }
}

function bodyArguments(kind: BodyKind): { readonly body: PeerBody } & Record<string, unknown> {
  const value = publishedValues[kind]
  if (value instanceof Uint8Array)
    return { body: { base64: Buffer.from(value).toString('base64') } }
  const body = { json: value }
  return kind === 'zlib' ? { body, compression: 'zlib' } : { body }
}

function arrivalOf(message: PeerMessage): Arrival {
  const { body, headers, content_type, content_encoding, error } = message
  if (error !== null) throw new Error(`Kombu cannot read it: ${error.type}: ${error.message}`)
  return {
    body: body !== null && 'json' in body ? body.json : body,
    contentType: content_type ?? undefined,
    contentEncoding: content_encoding ?? undefined,
    compression: headers['compression'],
    mark: headers['x-cell'],
  }
}
