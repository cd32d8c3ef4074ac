import { randomUUID } from 'node:crypto'
import { Worker } from '@dashi/tasks'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type PrintingProgram, startProgram } from '../printing-program.ts'
import { type PrivateBrokers, privateBrokers } from '../private-brokers.ts'
import { findPython, kombuReleases } from '../python.ts'
import { type CeleryClient, type CeleryUrls, startCeleryClient } from './celery-client.ts'
import { type InteropApp, interopApp } from './interop-app.ts'

let brokers: PrivateBrokers
beforeAll(async () => {
  brokers = await privateBrokers()
}, 120_000)
afterAll(() => brokers[Symbol.asyncDispose]())

const silent = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
}

/** A broker and a store, in both languages' words. */
const places = [
  { broker: 'redis', backend: 'redis' },
  { broker: 'rabbitmq', backend: 'rpc' },
] as const

describe.each(kombuReleases)('%s', (release) => {
  const python = findPython(release)

  describe.each(places)('$broker, results in $backend', ({ broker, backend }) => {
    /** Queues of its own: tests do not take each other's tasks. */
    const queue = `q-${randomUUID()}`

    function urls(): CeleryUrls {
      const { redis, rabbitmq } = brokers.addresses
      const url = broker === 'redis' ? redis.kombu.url : rabbitmq.kombu.url
      return { broker: url, backend: backend === 'redis' ? redis.kombu.url : 'rpc://' }
    }

    describe('a Python client and our worker', () => {
      let ours: InteropApp
      let worker: Worker
      let client: CeleryClient
      beforeAll(async () => {
        if (python.path === undefined) throw new Error(python.reason)
        ours = interopApp(urls())
        worker = new Worker(ours.app, { queues: [queue], concurrency: 4, logger: silent })
        await worker.start()
        client = await startCeleryClient(python.path)
      })
      afterAll(async () => {
        await client[Symbol.asyncDispose]()
        await worker.stop()
        await ours.app.close()
      })

      async function call(
        task: string,
        more: {
          readonly args?: unknown[]
          readonly kwargs?: object
          readonly options?: object
        } = {},
      ) {
        const { args = [], kwargs = {}, options = {} } = more
        const result = await client.request('send', {
          ...urls(),
          task,
          args,
          kwargs: { ...kwargs },
          options: { queue, ...options },
        })
        return { id: result, outcome: await client.request('get', { ...urls(), result }) }
      }

      test('a call and its result, by position and by keyword', async () => {
        const { outcome } = await call('interop.add', { args: [1, 2] })
        expect(outcome).toEqual({ state: 'SUCCESS', value: 3 })
        const named = await call('interop.add', { args: [1], kwargs: { y: 41 } })
        expect(named.outcome).toEqual({ state: 'SUCCESS', value: 42 })
      })

      test('an error is an exception there', async () => {
        const { outcome } = await call('interop.fail', { args: ['boom'] })
        expect(outcome).toMatchObject({ state: 'FAILURE', args: ['boom'] })
      })

      test('a wrong argument is an exception there', async () => {
        const { outcome } = await call('interop.add', { kwargs: { z: 1 } })
        expect(outcome).toMatchObject({ state: 'FAILURE' })
      })

      test('an unknown task is NotRegistered there', async () => {
        const { outcome } = await call('interop.nobody')
        expect(outcome).toMatchObject({ state: 'FAILURE', type: 'NotRegistered' })
      })

      test('it is retried', async () => {
        const { outcome } = await call('interop.retry', { args: [2] })
        expect(outcome).toEqual({ state: 'SUCCESS', value: 2 })
      })

      test('the request arrives', async () => {
        const { id, outcome } = await call('interop.request', {
          options: { headers: { tenant: 't' } },
        })
        expect(outcome).toMatchObject({
          value: {
            id,
            retries: 0,
            root_id: id,
            parent_id: null,
            routing_key: queue,
            headers: { tenant: 't' },
          },
        })
      })

      test.each(['json', 'yaml', 'msgpack'])('serializer %s', async (serializer) => {
        const value = { text: 'ä', list: [1, 2.5, null, true], nested: { a: 'b' } }
        const { outcome } = await call('interop.echo', { args: [value], options: { serializer } })
        expect(outcome).toEqual({ state: 'SUCCESS', value })
      })

      test('not before its countdown, not after its expiry', async () => {
        const since = performance.now()
        const { outcome } = await call('interop.add', { args: [1], options: { countdown: 0.5 } })
        expect(outcome).toEqual({ state: 'SUCCESS', value: 1 })
        expect(performance.now() - since).toBeGreaterThanOrEqual(500)

        const late = await call('interop.add', { args: [1], options: { expires: -1 } }).catch(
          (error: unknown) => error,
        )
        // RabbitMQ drops it by itself: nobody ever hears of it.
        if (broker === 'redis') expect(late).toMatchObject({ outcome: { state: 'REVOKED' } })
      })
    })

    describe('our client and a Python worker', () => {
      let ours: InteropApp
      let worker: PrintingProgram
      beforeAll(async () => {
        if (python.path === undefined) throw new Error(python.reason)
        const { broker: brokerUrl, backend: backendUrl } = urls()
        ours = interopApp(urls())
        const args = [brokerUrl, backendUrl, '-P', 'solo', '-Q', `${queue}-py`]
        worker = await startProgram({ python: python.path, program: 'celery_worker.py', args })
        await worker.waitFor(/^ready$/)
      })
      afterAll(async () => {
        await worker[Symbol.asyncDispose]()
        await ours.app.close()
      })

      const to = { queue: `${queue}-py` }
      const inTime = { timeoutMs: 15_000 }

      test('a call and its result', async () => {
        const sum = await ours.add.applyAsync([1, 2], to)
        expect(await sum.get(inTime)).toBe(3)
        const named = await ours.app.sendTask('interop.add', [1], { ...to, kwargs: { y: 41 } })
        expect(await named.get(inTime)).toBe(42)
      })

      test('an exception is an error here', async () => {
        const result = await ours.app.sendTask('interop.fail', ['boom'], to)
        await expect(result.get(inTime)).rejects.toMatchObject({
          type: 'ValueError',
          args: ['boom'],
        })
      })

      test('it is retried there', async () => {
        const result = await ours.app.sendTask('interop.retry', [2], to)
        expect(await result.get(inTime)).toBe(2)
      })

      test('the request arrives', async () => {
        const options = { ...to, headers: { tenant: 't' }, priority: 3 }
        const result = await ours.app.sendTask('interop.request', [], options)
        expect(await result.get(inTime)).toMatchObject({
          id: result.id,
          retries: 0,
          root_id: result.id,
          parent_id: null,
          priority: 3,
          headers: { tenant: 't' },
        })
      })

      test.each(['json', 'yaml', 'msgpack'])('serializer %s', async (serializer) => {
        const value = { text: 'ä', list: [1, 2.5, null, true], nested: { a: 'b' } }
        const result = await ours.app.sendTask('interop.echo', [value], { ...to, serializer })
        expect(await result.get(inTime)).toEqual(value)
      })

      test('not before its countdown', async () => {
        const since = performance.now()
        const result = await ours.add.applyAsync([1], { ...to, countdownMs: 500 })
        expect(await result.get(inTime)).toBe(1)
        expect(performance.now() - since).toBeGreaterThanOrEqual(500)
      })
    })
  })
})
