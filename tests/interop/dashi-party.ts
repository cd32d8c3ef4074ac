/**
 * Ourselves as a party of the interoperability matrix.
 */
import { type Connection, Exchange, type Message, Queue } from '@dashi/messaging'
import { type Arrival, type Inbox, type Party, publishedValues, type Route } from './cell.ts'

/** A party on a connection of ours. */
export function dashiParty(connection: Connection): Party {
  return {
    consume: (route) => openInbox(connection, route),
    publish: async (route, { body, mark }) => {
      await connection.producer({ exchange: exchangeOf(route) }).publish(publishedValues[body], {
        routingKey: route.routingKey,
        declare: destination(route),
        headers: { 'x-cell': mark },
        ...(body === 'zlib' ? { compression: 'zlib' } : {}),
      })
    },
  }
}

async function openInbox(connection: Connection, route: Route): Promise<Inbox> {
  const stream = connection.consume(queueOf(route))
  await stream.start()
  return {
    next: async (timeoutMs) => {
      const message = await within(stream.next(), timeoutMs)
      if (message?.value === undefined) return undefined
      message.value.ack()
      await message.value.settled()
      return arrivalOf(message.value)
    },
    close: async () => {
      await stream.return()
    },
  }
}

/** The queue is declared too, as in `kombu-party.ts`, but for broadcasts over Redis, where it would be nobody's. */
function destination(route: Route): readonly Queue[] {
  return route.exchange === 'fanout' && route.broker === 'redis' ? [] : [queueOf(route)]
}

function exchangeOf(route: Route): Exchange {
  if (route.exchange === 'default') return new Exchange()
  return new Exchange(route.exchangeName, { type: route.exchange })
}

function queueOf(route: Route): Queue {
  if (route.exchange === 'default') return new Queue(route.queueName)
  return new Queue(route.queueName, { exchange: exchangeOf(route), routingKey: route.bindingKey })
}

function arrivalOf(message: Message): Arrival {
  const { payload, contentType, contentEncoding, headers } = message
  const body =
    payload instanceof Uint8Array ? { base64: Buffer.from(payload).toString('base64') } : payload
  const { compression, 'x-cell': mark } = headers
  return { body, contentType, contentEncoding, compression, mark }
}

async function within<T>(promise: Promise<T>, timeoutMs: number): Promise<T | undefined> {
  const late = Promise.withResolvers<undefined>()
  const timer = setTimeout(late.resolve, timeoutMs, undefined)
  try {
    return await Promise.race([promise, late.promise])
  } finally {
    clearTimeout(timer)
  }
}
