import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Connection } from '../connection.ts'
import type { Consumer } from '../consumer.ts'
import { Queue } from '../entity/queue.ts'
import { ConnectionError } from '../errors.ts'
import { memory } from '../memory/memory.ts'
import { MemoryBroker } from '../memory/memory-broker.ts'
import type { Message } from '../message/message.ts'
import { TokenBucket } from '../rate/token-bucket.ts'
import type { Transport } from '../transport/transport.ts'
import { ConsumerProducerService } from './consumer-producer-service.ts'
import { type ConsumerFactory, ConsumerService } from './consumer-service.ts'

const queue = new Queue('jobs')

let broker: MemoryBroker
let client: Connection
let warnings: Error[]

beforeEach(() => {
  broker = new MemoryBroker()
  client = connect(memory({ broker }))
  warnings = []
})

afterEach(() => client.close())

function connect(transport: Transport): Connection {
  const connection = new Connection(transport, { backoff: { startMs: 1, maxMs: 1 } })
  connection.on('warning', ({ error }) => warnings.push(error))
  return connection
}

/** A broker that refuses so many connections before it accepts one. */
function refusing(count: number): Transport {
  let left = count
  const transport = memory({ broker })
  return {
    ...transport,
    connect(options) {
      left -= 1
      if (left < 0) return transport.connect(options)
      return Promise.reject(new ConnectionError('CONNECTION_REFUSED', 'Not now'))
    },
  }
}

class Recorder extends ConsumerService {
  readonly log: string[] = []
  readonly bodies: unknown[] = []
  current: Connection | undefined
  #ready = Promise.withResolvers<void>()
  #received = Promise.withResolvers<void>()

  override getConsumers(consumer: ConsumerFactory): readonly Consumer[] {
    this.log.push('getConsumers')
    const callbacks = [(body: unknown, message: Message) => this.receive(body, message)]
    return [
      this.watched(consumer({ queues: [queue], accept: ['json'], callbacks })),
      this.watched(consumer({ queues: [new Queue('other')], callbacks })),
    ]
  }

  watched(consumer: Consumer): Consumer {
    const cancel = consumer.cancel.bind(consumer)
    consumer.cancel = (options) => {
      this.log.push(`cancel ${consumer.queues[0]?.name}`)
      return cancel(options)
    }
    return consumer
  }

  receive(body: unknown, message: Message): void {
    this.bodies.push(body)
    message.ack()
    this.#received.resolve()
  }

  override onConnectionError(error: Error, intervalMs: number): void {
    this.log.push(`onConnectionError ${Reflect.get(error, 'code')} ${intervalMs}`)
  }

  override onConnectionRevived(): void {
    this.log.push('onConnectionRevived')
  }

  override onConsumeReady(connection: Connection, _: unknown, consumers: readonly Consumer[]) {
    const isConsuming = consumers.every((consumer) => consumer.queues.every((q) => consumer.consumingFrom(q))) // biome-ignore format: one line
    this.log.push(`onConsumeReady ${consumers.length} ${isConsuming}`)
    this.current = connection
    this.#ready.resolve()
  }

  override onConsumeEnd(): void {
    this.log.push('onConsumeEnd')
  }

  override onIteration(): void {
    if (this.log.at(-1) !== 'onIteration') this.log.push('onIteration')
  }

  override extraContext(): AsyncDisposable {
    this.log.push('enter')
    return { [Symbol.asyncDispose]: async () => void this.log.push('exit') }
  }

  async ready(): Promise<void> {
    await this.#ready.promise
    this.#ready = Promise.withResolvers()
  }

  async received(): Promise<void> {
    await this.#received.promise
    this.#received = Promise.withResolvers()
  }
}

function recorder(transport: Transport = memory({ broker })): Recorder {
  return new Recorder(connect(transport))
}

describe('ConsumerService', () => {
  test('goes through Kombu’s order', async () => {
    const service = recorder()
    const stopping = new AbortController()
    const run = service.run({ signal: stopping.signal })
    await service.ready()
    await client.producer().publish({ n: 1 }, { routingKey: 'jobs' })
    await service.received()
    stopping.abort()
    await run
    expect(service.log).toEqual([
      'onConnectionRevived',
      'getConsumers',
      'enter',
      'onConsumeReady 2 true',
      'onIteration',
      'exit',
      'cancel other',
      'cancel jobs',
      'onConsumeEnd',
    ])
    expect(service.bodies).toEqual([{ n: 1 }])
    expect(service.current?.isClosed).toBe(true)
    expect(service.connection.isClosed).toBe(false)
    expect(warnings).toEqual([])
  })

  test('stop() ends it as well', async () => {
    const service = recorder()
    const run = service.run()
    await service.ready()
    service.stop()
    await run
    expect(service.shouldStop).toBe(true)
    expect(service.log.at(-1)).toBe('onConsumeEnd')
  })

  test('tells of attempts that fail, and goes on', async () => {
    const service = recorder(refusing(1))
    const run = service.run()
    await service.ready()
    service.stop()
    await run
    expect(service.log.slice(0, 2)).toEqual([
      'onConnectionError CONNECTION_REFUSED 1000',
      'onConnectionRevived',
    ])
  })

  test('gives up after so many retries', async () => {
    const service = recorder(refusing(9))
    service.connectMaxRetries = 0
    await expect(service.run()).rejects.toMatchObject({ code: 'CONNECTION_REFUSED' })
    expect(service.log).toEqual([])
  })

  test('gives up when a lost connection does not come back in so many attempts', async () => {
    const transport = memory({ broker })
    let isRefusing = false
    const refusal = new ConnectionError('CONNECTION_REFUSED', 'Not any more')
    const service = recorder({
      ...transport,
      connect: (options) => (isRefusing ? Promise.reject(refusal) : transport.connect(options)),
    })
    service.connectMaxRetries = 2
    const run = service.run()
    run.catch(() => undefined)
    await service.ready()
    isRefusing = true
    service.current?.collect()
    await expect(run).rejects.toBe(refusal)
    expect(service.log.filter((line) => line.startsWith('onConnectionError'))).toHaveLength(4)
    expect(service.log).not.toContain('onConsumeEnd')
  })

  test('tells when the connection was lost and came back, and consumes again', async () => {
    const service = recorder()
    const run = service.run()
    await service.ready()
    service.current?.collect()
    await service.ready()
    await client.producer().publish({ n: 2 }, { routingKey: 'jobs' })
    await service.received()
    service.stop()
    await run
    expect(service.log.filter((line) => line !== 'onIteration')).toEqual([
      'onConnectionRevived',
      'getConsumers',
      'enter',
      'onConsumeReady 2 true',
      'onConnectionError CONNECTION_LOST 0',
      'onConnectionRevived',
      'onConsumeReady 2 true',
      'exit',
      'cancel other',
      'cancel jobs',
      'onConsumeEnd',
    ])
    expect(service.bodies).toEqual([{ n: 2 }])
  })

  test('begins a new life when its queue was deleted, and no more often than allowed', async () => {
    const service = recorder()
    service.restartLimit = new TokenBucket(20)
    const startedAt = performance.now()
    const run = service.run()
    await service.ready()
    await service.current?.defaultChannel.deleteQueue('jobs')
    await service.ready()
    expect(performance.now() - startedAt).toBeGreaterThan(45)
    await client.producer().publish({ n: 3 }, { routingKey: 'jobs' })
    await service.received()
    service.stop()
    await run
    expect(service.log.filter((line) => line === 'getConsumers')).toHaveLength(2)
    expect(warnings).toEqual([expect.objectContaining({ code: 'CONSUMER_CANCELLED' })])
  })

  test('what a hook throws ends it', async () => {
    class Failing extends Recorder {
      override onIteration(): void {
        throw new RangeError('mine')
      }
    }
    const service = new Failing(connect(memory({ broker })))
    await expect(service.run()).rejects.toThrow('mine')
    expect(service.log.at(-1)).toBe('cancel jobs')
    expect(service.current?.isClosed).toBe(true)

    class Unreviving extends Recorder {
      #count = 0
      override onConnectionRevived(): void {
        this.#count += 1
        if (this.#count === 2) throw new RangeError('again')
      }
    }
    const unreviving = new Unreviving(connect(memory({ broker })))
    const run = unreviving.run()
    run.catch(() => undefined)
    await unreviving.ready()
    unreviving.current?.collect()
    await expect(run).rejects.toThrow('again')
  })

  test('sets aside what cannot be read, unless it is overridden', async () => {
    const service = recorder()
    const run = service.run()
    await service.ready()
    await client.producer().publish('text is not accepted', { routingKey: 'jobs' })
    await expect.poll(() => broker.find('dashi.quarantine')?.size).toBe(1)
    service.onDecodeError = (message) => message.ack()
    await client.producer().publish('again', { routingKey: 'jobs' })
    await client.producer().publish({ n: 4 }, { routingKey: 'jobs' })
    await service.received()
    service.stop()
    await run
    expect([broker.find('jobs')?.size, broker.find('dashi.quarantine')?.size]).toEqual([0, 1])
    expect(warnings).toHaveLength(1)
  })
})

describe('consume()', () => {
  test('yields per delivery, and ends after so many iterations', async () => {
    const service = recorder()
    for (const n of [1, 2]) await client.producer().publish({ n }, { routingKey: 'jobs', declare: [queue] }) // biome-ignore format: one line
    let count = 0
    for await (const _ of service.consume({ limit: 1 })) count += 1
    expect(count).toBe(1)
    expect(service.log.at(-1)).toBe('onConsumeEnd')
  })

  test('ends when nothing comes', async () => {
    const service = recorder()
    const consuming = service.consume({ timeoutMs: 30, safetyIntervalMs: 10 })
    await expect(consuming.next()).rejects.toMatchObject({ code: 'TIMED_OUT' })
    expect(service.current?.isClosed).toBe(true)
  })

  test('leaving the loop closes the life', async () => {
    const service = recorder()
    await client.producer().publish({ n: 1 }, { routingKey: 'jobs', declare: [queue] })
    for await (const _ of service.consume()) break
    expect(service.log.at(-1)).toBe('cancel jobs')
    expect(service.current?.isClosed).toBe(true)
  })
})

test('ConsumerProducerService publishes on a connection of its own, closed at the end', async () => {
  const doubled = Promise.withResolvers<void>()
  class Doubler extends ConsumerProducerService {
    override getConsumers(consumer: ConsumerFactory): readonly Consumer[] {
      const callbacks = [(body: unknown, message: Message) => this.double(body, message)]
      return [consumer({ queues: [queue], callbacks })]
    }

    async double(body: unknown, message: Message): Promise<void> {
      const declare = [new Queue('doubled')]
      await this.producer.publish(Number(body) * 2, { routingKey: 'doubled', declare })
      message.ack()
      doubled.resolve()
    }
  }
  const service = new Doubler(connect(memory({ broker })))
  const run = service.run()
  await client.producer().publish(21, { routingKey: 'jobs', declare: [queue] })
  await doubled.promise
  const { producerConnection } = service
  expect(producerConnection).not.toBe(service.connection)
  expect(service.producer.connection).toBe(producerConnection)
  service.stop()
  await run
  expect(producerConnection.isClosed).toBe(true)
  expect((await client.defaultChannel.get('doubled'))?.payload).toBe(42)
})
