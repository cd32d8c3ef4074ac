/** Ourselves on an end of Kombu's tests. */
import {
  type Connection,
  EmptyError,
  Exchange,
  type Message,
  Queue,
  type SimpleQueueOptions,
} from '@dashi/messaging'
import type {
  BoxOptions,
  End,
  MirrorBox,
  MirrorConsumer,
  MirrorMessage,
  MirrorQueue,
  Post,
} from './end.ts'

/** An end on a connection of ours that can read pickle. */
export function dashiEnd(connection: Connection): End {
  return {
    publish: (post) => publish(connection, post),
    consume: (queue) => consume(connection, queue),
    open: async (options) => open(connection, options),
  }
}

/** As Kombu, which does not ask whether a queue took it. */
async function publish(connection: Connection, post: Post): Promise<void> {
  const { body, exchange, queues = [], ...options } = post
  await connection.producer().publish(body, {
    ...options,
    exchange: exchange && new Exchange(exchange.name, { type: exchange.type }),
    declare: queues.map(queueOf),
    serializer: 'pickle',
    mandatory: false,
  })
}

function queueOf({ name, exchange, routingKey, maxPriority }: MirrorQueue): Queue {
  if (exchange === undefined) return new Queue(name, { maxPriority })
  const bound = new Exchange(exchange.name, { type: exchange.type })
  return new Queue(name, { exchange: bound, routingKey, maxPriority })
}

async function consume(connection: Connection, queue: MirrorQueue): Promise<MirrorConsumer> {
  const arrived: Message[] = []
  let changed = Promise.withResolvers<void>()
  const onMessage = (message: Message) => {
    arrived.push(message)
    changed.resolve()
    changed = Promise.withResolvers()
  }
  const consumer = connection.consumer({ queues: queueOf(queue), accept: ['pickle'], onMessage })
  await consumer.consume()
  return {
    receive: async (count, timeoutMs) => {
      const late = Promise.withResolvers<'late'>()
      const timer = setTimeout(late.resolve, timeoutMs, 'late')
      while (arrived.length < count) {
        if ((await Promise.race([changed.promise, late.promise])) === 'late') break
      }
      clearTimeout(timer)
      return arrived.splice(0, count).map(held)
    },
    pause: () => consumer.cancel(),
    resume: () => consumer.consume(),
    close: () => consumer.close(),
  }
}

function open(connection: Connection, options: BoxOptions): MirrorBox {
  const { name, isBuffer, maxPriority } = options
  const settings: SimpleQueueOptions = { queueOptions: { maxPriority } }
  const box = isBuffer
    ? connection.simpleBuffer(name, settings)
    : connection.simpleQueue(name, settings)
  return {
    put: (body, putOptions) => box.put(body, putOptions),
    get: async (timeoutMs) => {
      try {
        const waiting = timeoutMs === undefined ? { block: false } : { timeoutMs }
        return held(await box.get(waiting))
      } catch (error) {
        if (error instanceof EmptyError) return undefined
        throw error
      }
    },
    close: () => box.close(),
  }
}

function held(message: Message): MirrorMessage {
  const { contentType, contentEncoding, headers, payload: body } = message
  return {
    ...{ contentType, contentEncoding, headers, body },
    raw: Buffer.from(message.body).toString('base64'),
    ack: () => settle(message, () => message.ack()),
    requeue: () => settle(message, () => message.requeue()),
    reject: (options) => settle(message, () => message.reject(options)),
  }
}

async function settle(message: Message, how: () => void): Promise<void> {
  how()
  await message.settled()
}
