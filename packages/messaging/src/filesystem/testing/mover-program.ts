/** A process that moves messages from the queue `in` to the queue `out` until it is killed. Run with options as JSON. */
import { type FilesystemOptions, filesystemSettings } from '../filesystem-options.ts'
import { FilesystemSession } from '../filesystem-session.ts'

// What the test that starts it wrote.
const options = JSON.parse(process.argv[2] ?? '{}') as FilesystemOptions
const session = await FilesystemSession.open(filesystemSettings(options), {
  publishTimeoutMs: 10_000,
})
process.on('disconnect', () => process.exit())
void session.closed.then(() => process.exit(1))
const never = new AbortController().signal
for (;;) {
  const leases = await session.take({ queues: ['in'], limit: 7, noAck: false })
  if (leases.length === 0) await session.wait(['in'], never)
  await session.put(
    leases.map(({ payload }) => ({ queue: 'out', payload: String(payload), priority: 0 })),
  )
  await session.settle(leases.map(({ token, queue }) => ({ outcome: 'done', token, queue })))
  if (leases.length > 0) process.send?.(leases.length)
}
