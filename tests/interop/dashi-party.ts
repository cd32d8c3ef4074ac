/**
 * Ourselves as a party of the interoperability matrix.
 */
import {
  type CodecRegistry,
  type Connection,
  type Consumer,
  defaultCodecs,
  Exchange,
  type Message,
  Queue,
} from '@dashi/messaging'
import { bzip2 } from '@dashi/messaging/bzip2'
import { msgpack } from '@dashi/messaging/msgpack'
import { pickle } from '@dashi/messaging/pickle'
import { xz } from '@dashi/messaging/xz'
import { yaml } from '@dashi/messaging/yaml'
import type { Collecting, Inbox, Letter, Party, UnreadableArrival } from './party.ts'
import { type Arrival, described, publishedValues, serializerOf } from './published.ts'
import type { Route } from './route.ts'

/** Everything that Kombu can write. */
export const allCodecs: CodecRegistry = [yaml, msgpack, pickle]
  .reduce((codecs, serializer) => codecs.withSerializer(serializer), defaultCodecs)
  .withEnabled('pickle')
  .withCompressor(bzip2)
  .withCompressor(xz)

/** A party on a connection of ours, which has {@link allCodecs}. */
export function dashiParty(connection: Connection): Party {
  return {
    consume: (routes) => openInbox(connection, routes),
    publish: async (letters) => {
      const published = letters.map((letter) => publish(connection, letter))
      const outcomes = await Promise.allSettled(published)
      return outcomes.map((outcome) =>
        outcome.status === 'rejected' ? String(outcome.reason) : undefined,
      )
    },
  }
}

async function publish(connection: Connection, letter: Letter): Promise<void> {
  const { route, body, compression, mark } = letter
  await connection.producer({ exchange: exchangeOf(route) }).publish(publishedValues[body], {
    routingKey: route.routingKey,
    declare: destination(route),
    headers: { ...route.headers, 'x-cell': mark },
    serializer: serializerOf(body),
    compression: compression === 'none' ? undefined : compression,
  })
}

async function openInbox(connection: Connection, routes: readonly Route[]): Promise<Inbox> {
  const arrived: (Arrival | UnreadableArrival)[] = []
  let changed = Promise.withResolvers<void>()
  const onMessage = (message: Message) => {
    arrived.push(arrivalOf(message))
    message.ack()
    changed.resolve()
    changed = Promise.withResolvers()
  }
  const refusals = new Map<Route, string>()
  const consumers: Consumer[] = []
  for (const route of routes) {
    const consumer = connection.consumer({ queues: queueOf(route), onMessage })
    consumers.push(consumer)
    await consumer.consume().catch((error: unknown) => refusals.set(route, String(error)))
  }
  return {
    refusals,
    collect: async ({ count, timeoutMs }: Collecting) => {
      const deadlineMs = performance.now() + timeoutMs
      while (arrived.length < count && performance.now() < deadlineMs) {
        await within(changed.promise, deadlineMs - performance.now())
      }
      return arrived.splice(0)
    },
    close: async () => {
      await Promise.all(consumers.map((consumer) => consumer.close()))
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
  const { queueName, bindingKey: routingKey, bindingArguments } = route
  if (route.exchange === 'default') return new Queue(queueName)
  return new Queue(queueName, { exchange: exchangeOf(route), routingKey, bindingArguments })
}

function arrivalOf(message: Message): Arrival | UnreadableArrival {
  const { contentType, contentEncoding, headers } = message
  const { compression, 'x-cell': mark } = headers
  try {
    const body = described(message.payload)
    return { body, contentType, contentEncoding, compression, mark }
  } catch (error) {
    return { mark, error: `it cannot be read: ${error}` }
  }
}

async function within(promise: Promise<void>, timeoutMs: number): Promise<void> {
  const late = Promise.withResolvers<void>()
  const timer = setTimeout(late.resolve, timeoutMs)
  await Promise.race([promise, late.promise])
  clearTimeout(timer)
}
