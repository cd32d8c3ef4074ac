/** Kombu on an end of its own tests. */
import type { KombuPeer, PeerMessage, PeerQueue } from '../kombu-peer.ts'
import type {
  BoxOptions,
  End,
  MirrorBox,
  MirrorConsumer,
  MirrorMessage,
  MirrorQueue,
  Post,
} from './end.ts'

/** Kombu in another process, and its connection there. */
export interface PeerConnection {
  readonly peer: KombuPeer
  readonly connection: string
}

/** An end on a connection of a peer. */
export function kombuEnd(there: PeerConnection): End {
  return {
    publish: (post) => publish(there, post),
    consume: (queue) => consume(there, queue),
    open: (options) => open(there, options),
  }
}

async function publish({ peer, connection }: PeerConnection, post: Post): Promise<void> {
  const { body, exchange, routingKey = '', queues = [], priority, expirationMs } = post
  // Kombu does not declare what it publishes to, unless it is told to.
  const exchanges = exchange === undefined ? [] : [{ exchange }]
  await peer.request('publish', {
    ...{ connection, exchange: exchange ?? '', routing_key: routingKey },
    body: { json: body },
    declare: [...exchanges, ...queues.map((queue) => ({ queue: queueOf(queue) }))],
    serializer: 'pickle',
    ...(priority === undefined ? {} : { priority }),
    ...(expirationMs === undefined ? {} : { expiration: expirationMs / 1000 }),
  })
}

function queueOf({ name, exchange, routingKey = '', maxPriority }: MirrorQueue): PeerQueue {
  const limits = maxPriority === undefined ? {} : { max_priority: maxPriority }
  if (exchange === undefined) return { name, ...limits }
  return { name, exchange, routing_key: routingKey, ...limits }
}

async function consume(there: PeerConnection, queue: MirrorQueue): Promise<MirrorConsumer> {
  const { peer, connection } = there
  const subscribing = { connection, queues: [queueOf(queue)], accept: ['pickle'] }
  const { consumer } = await peer.request('subscribe', subscribing)
  const onConsumer = (command: 'pause' | 'resume' | 'cancel') => async () => {
    await peer.request(command, { consumer })
  }
  return {
    receive: async (count, timeoutMs) => {
      const request = { consumer, count, timeout: timeoutMs / 1000 }
      const { messages } = await peer.request('receive', request)
      return messages.map((message) => held(peer, message))
    },
    pause: onConsumer('pause'),
    resume: onConsumer('resume'),
    close: onConsumer('cancel'),
  }
}

async function open({ peer, connection }: PeerConnection, options: BoxOptions): Promise<MirrorBox> {
  const { name: queue, isBuffer: buffer, maxPriority } = options
  const queue_opts = maxPriority === undefined ? {} : { max_priority: maxPriority }
  const { box } = await peer.request('box_open', { connection, queue, buffer, queue_opts })
  return {
    put: async (json, { expirationMs, ...rest }) => {
      const expiration = expirationMs === undefined ? {} : { expiration: expirationMs / 1000 }
      await peer.request('box_put', { box, body: { json }, ...rest, ...expiration })
    },
    get: async (timeoutMs) => {
      const waiting = timeoutMs === undefined ? {} : { timeout: timeoutMs / 1000 }
      const { message } = await peer.request('box_get', { box, ...waiting })
      return message === null ? undefined : held(peer, message)
    },
    close: async () => {
      await peer.request('box_close', { box })
    },
  }
}

function held(peer: KombuPeer, arrived: PeerMessage): MirrorMessage {
  const { message, value: body, raw, headers, content_type, content_encoding, error } = arrived
  if (error !== null) throw new Error(`Kombu cannot read it: ${error.type}: ${error.message}`)
  return {
    ...{ body, raw, headers },
    contentType: content_type ?? undefined,
    contentEncoding: content_encoding ?? undefined,
    ack: async () => {
      await peer.request('ack', { message })
    },
    requeue: async () => {
      await peer.request('requeue', { message })
    },
    reject: async ({ requeue }) => {
      await peer.request('reject', { message, requeue })
    },
  }
}
