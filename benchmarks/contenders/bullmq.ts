/** BullMQ, as its guide to production says: completed jobs removed, blocking connection without a retry limit. */
import { body, type Contender, pump } from '../contender.ts'
import { peerModule } from '../peer-modules.ts'

interface QueueLike {
  add(name: string, data: unknown, options: object): Promise<unknown>
  waitUntilReady(): Promise<unknown>
  close(): Promise<void>
}

interface WorkerLike {
  on(event: 'completed', listener: () => void): void
  on(event: 'error', listener: (error: Error) => void): void
  close(force?: boolean): Promise<void>
}

interface BullMq {
  readonly Queue: new (name: string, options: object) => QueueLike
  readonly Worker: new (name: string, handler: () => Promise<void>, options: object) => WorkerLike
}

/** On a Redis URL. */
export async function makeContender(url: string): Promise<Contender> {
  const { Queue, Worker } = await peerModule<BullMq>('bullmq')
  const { hostname: host, port } = new URL(url)
  const connection = { host, port: Number(port), maxRetriesPerRequest: null }
  const queue = new Queue('bench', { connection })
  await queue.waitUntilReady()
  const add = () => queue.add('job', body, { removeOnComplete: true, removeOnFail: true })
  return {
    publish: (count, inFlight) => pump(count, inFlight, add),
    drain: async (count, concurrency, onSettled) => {
      const done = Promise.withResolvers<void>()
      let left = count
      const worker = new Worker('bench', async () => undefined, { connection, concurrency })
      worker.on('error', (error) => done.reject(error))
      worker.on('completed', () => {
        onSettled()
        left -= 1
        if (left === 0) done.resolve()
      })
      await done.promise
      await worker.close(true)
    },
    close: () => queue.close(),
  }
}
