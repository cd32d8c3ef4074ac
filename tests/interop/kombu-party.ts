/**
 * Kombu as a party of the interoperability matrix.
 */
import type { BrokerAddress } from './broker-address.ts'
import type { KombuPeer, PeerEntity, PeerMessage, PeerQueue } from './kombu-peer.ts'
import type { Inbox, Letter, Party, UnreadableArrival } from './party.ts'
import {
  type Arrival,
  acceptedContent,
  described,
  publishedValues,
  serializerOf,
} from './published.ts'
import type { Route } from './route.ts'

/** Connects a peer to a broker; closing the peer ends it. */
export async function kombuParty(peer: KombuPeer, { kombu }: BrokerAddress): Promise<Party> {
  const { connection } = await peer.request('connect', kombu)
  return {
    consume: (routes) => openInbox(peer, connection, routes),
    publish: async (letters) => {
      const messages = letters.map((letter) => ({ connection, ...publication(letter) }))
      const { errors } = await peer.request('publish_all', { messages }, { timeoutMs: 60_000 })
      return errors.map((error) => error && `${error.type}: ${error.message}`).map(orUndefined)
    },
  }
}

function orUndefined(text: string | null): string | undefined {
  return text ?? undefined
}

async function openInbox(
  peer: KombuPeer,
  connection: string,
  routes: readonly Route[],
): Promise<Inbox> {
  const refusals = await refusalsOf(peer, connection, routes)
  const queues = routes.filter((route) => !refusals.has(route)).map(queueOf)
  const accept = acceptedContent
  const { consumer } = await peer.request('subscribe', { connection, queues, accept })
  return {
    refusals,
    collect: async ({ count, timeoutMs }) => {
      const request = { consumer, count, timeout: timeoutMs / 1000, acknowledge: true }
      const options = { timeoutMs: timeoutMs + 60_000 }
      return (await peer.request('receive', request, options)).messages.map(arrivalOf)
    },
    close: async () => {
      await peer.request('cancel', { consumer })
    },
  }
}

/** Routes whose queue Kombu cannot declare and bind. */
async function refusalsOf(
  peer: KombuPeer,
  connection: string,
  routes: readonly Route[],
): Promise<ReadonlyMap<Route, string>> {
  const refusals = new Map<Route, string>()
  for (const route of routes) {
    const entities = [{ queue: queueOf(route) }]
    const declared = peer.request('declare', { connection, entities })
    await declared.catch((error: unknown) => refusals.set(route, String(error)))
  }
  return refusals
}

function publication({ route, body, compression, mark }: Letter) {
  const serializer = serializerOf(body)
  return {
    ...destination(route),
    body: { plain: described(publishedValues[body]) },
    headers: { ...route.headers, 'x-cell': mark },
    ...(serializer === undefined ? {} : { serializer }),
    ...(compression === 'none' ? {} : { compression }),
  }
}

/**
 * The publisher declares the queue too: where Kombu keeps bindings in the memory of each process
 * (SQL, and folders before 5.3), a publisher that has not declared them drops the message.
 */
function destination(route: Route) {
  const { broker, exchangeName, routingKey: routing_key, exchange: type } = route
  const queue: PeerEntity = { queue: queueOf(route) }
  if (type === 'default') return { routing_key, declare: [queue] }
  const exchange = { name: exchangeName, type }
  // Over Redis a queue of the publisher's own would be nobody's.
  const isBroadcast = type === 'fanout' && broker === 'redis'
  const declare: readonly PeerEntity[] = isBroadcast ? [{ exchange }] : [queue]
  return { exchange, routing_key, declare }
}

function queueOf(route: Route): PeerQueue {
  const { queueName: name, exchangeName, bindingKey: routing_key, exchange: type } = route
  if (type === 'default') return { name }
  const exchange = { name: exchangeName, type }
  return { name, routing_key, exchange, binding_arguments: route.bindingArguments }
}

function arrivalOf(message: PeerMessage): Arrival | UnreadableArrival {
  const { value, headers, content_type, content_encoding, error } = message
  const { compression, 'x-cell': mark } = headers
  if (error !== null) return { mark, error: `Kombu cannot read it: ${error.type}: ${error.message}` } // biome-ignore format: one line
  return {
    body: value,
    contentType: content_type ?? undefined,
    contentEncoding: content_encoding ?? undefined,
    compression,
    mark,
  }
}
