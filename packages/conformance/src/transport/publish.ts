/** Published means stored, as it was. */
import { ConnectionError, EncodeError, PublishError } from '@dashi/messaging'
import { type CaseGroup, core, full } from '../case.ts'

const numbers = Array.from({ length: 500 }, (_, index) => index)

export const publishCases: CaseGroup = {
  name: 'publish',
  cases: () => [
    core('the broker has a message when publish() resolves', async (stage) => {
      const queue = stage.queue()
      await stage.send(stage.connect(), queue, [{ hello: 'world' }])

      const other = stage.connect()
      await stage.declare(other, queue)
      stage.expect(await stage.count(other, queue)).toBe(1)
      stage.expect((await stage.get(other, queue)).payload).toEqual({ hello: 'world' })
    }),

    core('messages of one turn are stored in the order of their publishing', async (stage) => {
      const queue = stage.queue()
      const connection = stage.connect()
      await stage.send(connection, queue, numbers.slice(0, 100))
      stage.expect(await stage.drain(connection, queue)).toEqual(numbers.slice(0, 100))
    }),

    full('messages of several connections are all stored', async (stage) => {
      const queue = stage.queue()
      const connections = [stage.connect(), stage.connect(), stage.connect()]
      for (const connection of connections) await stage.declare(connection, queue)
      await Promise.all(
        connections.map((connection, sender) =>
          stage.send(
            connection,
            queue,
            numbers.slice(0, 100).map((n) => sender * 100 + n),
          ),
        ),
      )
      const { inbox } = await stage.consume(stage.connect(), queue, { settle: (m) => m.ack() })
      stage.expect(await inbox.different(300)).toEqual(numbers.slice(0, 300))
    }),

    full('values, text and bytes arrive as what they are', async (stage) => {
      const queue = stage.queue()
      const connection = stage.connect()
      const { expect } = stage
      const value = { n: 1.5, text: 'ü€😀\u0000', list: [null, true], nested: { big: 2 ** 53 } }
      const bytes = Uint8Array.from({ length: 256 }, (_, index) => index)
      await stage.send(connection, queue, [value, 'plain ü', bytes, '', new Uint8Array()])

      const asValue = await stage.get(connection, queue)
      expect(asValue.payload).toEqual(value)
      expect(asValue).toMatchObject({ contentType: 'application/json', contentEncoding: 'utf-8' })
      const asText = await stage.get(connection, queue)
      expect(asText.payload).toBe('plain ü')
      expect(asText).toMatchObject({ contentType: 'text/plain', contentEncoding: 'utf-8' })
      const asBytes = await stage.get(connection, queue)
      expect([...asBytes.body]).toEqual([...bytes])
      expect(asBytes).toMatchObject({ contentType: 'application/data', contentEncoding: 'binary' })
      expect((await stage.get(connection, queue)).payload).toBe('')
      expect((await stage.get(connection, queue)).body.length).toBe(0)
    }),

    full('properties and headers arrive as they were given', async (stage) => {
      const queue = stage.queue()
      const connection = stage.connect()
      const { expect } = stage
      const properties = {
        correlationId: 'cid',
        replyTo: 'answers',
        messageId: 'mid',
        timestamp: 1_700_000_000,
        type: 'order',
        appId: 'conformance',
      }
      const headers = { text: 'ü', count: 3, list: [1, 'a', null], flag: false, nested: { a: 1 } }
      const options = { ...properties, headers, priority: 3, expirationMs: 60_000 }
      await stage.sendWith(connection, queue, {
        bodies: ['x'],
        ...options,
        deliveryMode: 'transient',
      })

      const message = await stage.get(connection, queue)
      expect(message.properties).toMatchObject({ ...properties, priority: 3, deliveryMode: 1 })
      expect(message.properties.expiration).toBe('60000')
      expect(message.headers).toEqual(headers)
      expect(message.redelivered).toBe(false)
      expect(message.deliveryInfo).toMatchObject({ exchange: '', routingKey: queue.name })
    }),

    full('a body without serializer keeps its content type and encoding', async (stage) => {
      const queue = stage.queue()
      const connection = stage.connect()
      const options = { contentType: 'application/x-own', contentEncoding: 'latin-1' }
      await stage.sendWith(connection, queue, { bodies: [Uint8Array.of(0xe9)], ...options })
      const message = await stage.get(connection, queue)
      stage.expect(message).toMatchObject(options)
      stage.expect([...message.body]).toEqual([0xe9])
    }),

    full('a compressed body is small in the broker and whole for its reader', async (stage) => {
      const queue = stage.queue()
      const connection = stage.connect()
      const text = 'repeat '.repeat(10_000)
      await stage.sendWith(connection, queue, { bodies: [text], compression: 'gzip' })
      const message = await stage.get(connection, queue)
      stage.expect(message.payload).toBe(text)
      stage.expect(message.rawBody.length).toBeLessThan(1_000)
      stage.expect(message.headers['compression']).toBe('application/x-gzip')
    }),

    full('a megabyte arrives byte for byte', async (stage) => {
      const queue = stage.queue()
      const connection = stage.connect()
      const bytes = new Uint8Array(1024 * 1024).map((_, index) => (index * 7919) >>> 3)
      await stage.send(connection, queue, [bytes])
      const message = await stage.get(connection, queue)
      stage.expect(Buffer.compare(message.body, bytes)).toBe(0)
    }),

    full('names may hold any character', async (stage) => {
      const connection = stage.connect()
      const odd = `${stage.name('ü x')}:{a}*?[b]#%$'"\\/`
      const exchange = stage.exchange('direct')
      const queue = stage.queue({ exchange, routingKey: odd })
      const oddQueue = queue.named(stage.forgetQueueAtEnd(`${queue.name} ${odd}`))
      await stage.declare(connection, oddQueue)
      await connection.producer({ exchange }).publish('odd', { routingKey: odd })
      stage.expect((await stage.get(connection, oddQueue)).payload).toBe('odd')
    }),

    full(
      'publishing to an exchange without bindings is no error unless asked to be',
      async (stage) => {
        const connection = stage.connect()
        const exchange = stage.exchange('direct')
        const producer = connection.producer({ exchange })
        await producer.publish('nobody', { routingKey: 'nowhere', mandatory: false })
        const error = { code: 'UNROUTABLE', name: PublishError.name }
        await stage.refused(producer.publish('nobody', { routingKey: 'nowhere' }), error)
      },
    ),

    full('onReturn gets what no queue took', async (stage) => {
      const connection = stage.connect()
      const returned: string[] = []
      const producer = connection.producer({
        exchange: stage.exchange('direct'),
        onReturn: (error, message) => returned.push(`${error.code} ${message.routingKey}`),
      })
      await producer.publish('nobody', { routingKey: 'nowhere' })
      stage.expect(returned).toEqual(['UNROUTABLE nowhere'])
    }),

    full('an exchange that nobody declared is refused, and the channel goes on', async (stage) => {
      const connection = stage.connect()
      const queue = stage.queue()
      const lost = connection.producer().publish('x', { exchange: stage.name('none') })
      await stage.refused(lost, { code: 'EXCHANGE_NOT_DECLARED', name: PublishError.name })
      await stage.send(connection, queue, ['after'])
      stage.expect((await stage.get(connection, queue)).payload).toBe('after')
    }),

    full('a refused message does not take its neighbours with it', async (stage) => {
      const connection = stage.connect({ overrides: { maxPayloadBytes: 4_096 } })
      const queue = stage.queue()
      await stage.declare(connection, queue)
      const producer = connection.producer()
      const to = { routingKey: queue.name }
      const results = await Promise.allSettled([
        producer.publish('before', to),
        producer.publish('large'.repeat(10_000), to),
        producer.publish('after', to),
      ])
      stage
        .expect(results.map(({ status }) => status))
        .toEqual(['fulfilled', 'rejected', 'fulfilled'])
      stage.expect(await stage.drain(connection, queue)).toEqual(['before', 'after'])
    }),

    full('a value that no serializer takes is refused before anything is sent', async (stage) => {
      const connection = stage.connect()
      const queue = stage.queue()
      await stage.declare(connection, queue)
      const publishing = connection.producer().publish(new Map(), { routingKey: queue.name })
      await stage.refused(publishing, { code: 'NOT_ENCODABLE', name: EncodeError.name })
      stage.expect(await stage.count(connection, queue)).toBe(0)
    }),

    full('an aborted publish rejects with the reason and stores nothing', async (stage) => {
      const connection = stage.connect()
      const queue = stage.queue()
      await stage.declare(connection, queue)
      const signal = AbortSignal.abort(new Error('changed my mind'))
      const publishing = connection.producer().publish('x', { routingKey: queue.name, signal })
      await stage.refused(publishing, { message: 'changed my mind' })
      stage.expect(await stage.count(connection, queue)).toBe(0)
    }),

    full('publish after close is refused', async (stage) => {
      const connection = stage.connect()
      const queue = stage.queue()
      await stage.send(connection, queue, ['before'])
      const producer = connection.producer()
      await connection.close()
      const closed = { code: 'CONNECTION_CLOSED', name: ConnectionError.name }
      await stage.refused(producer.publish('x', { routingKey: queue.name }), closed)
      stage.expect(await stage.drain(stage.connect(), queue)).toEqual(['before'])
    }),

    full('the connection counts what the broker confirmed', async (stage) => {
      const connection = stage.connect()
      await stage.send(connection, stage.queue(), numbers.slice(0, 10))
      stage.expect(connection.counters.published).toBe(10)
    }),
  ],
}
