/**
 * A process with one session, driven over its IPC channel: `{ id, method, args }` in, `{ id, result }`
 * or `{ id, error }` out. Run with the store's options as JSON.
 */
import { reasonOf } from '@dashi/messaging/transport'
import { openSession } from './open-session.ts'

interface Call {
  readonly id: number
  readonly method: string
  readonly args: readonly unknown[]
}

const session = await openSession(JSON.parse(process.argv[2] ?? '{}'))
process.on('message', (call: Call) => void answer(call))
process.on('disconnect', () => process.exit())
process.send?.({ id: 0 })
const ended = await session.closed
process.send?.({ id: -1, result: ended?.code })

async function answer({ id, method, args }: Call): Promise<void> {
  try {
    process.send?.({ id, result: await carryOut(method, args) })
  } catch (error) {
    process.send?.({ id, error: reasonOf(error) })
  }
}

function carryOut(name: string, args: readonly unknown[]): unknown {
  if (name === 'putMany') return putMany(String(args[0]), Number(args[1]))
  if (name === 'block') return block(Number(args[0]))
  const method: unknown = Reflect.get(session, name)
  if (typeof method !== 'function') throw new TypeError(`there is no method ${name}`)
  return method.apply(session, args)
}

/** Separate puts, all under way at once. */
async function putMany(queue: string, count: number): Promise<void> {
  const put = (_: unknown, index: number) =>
    session.put([{ queue, payload: JSON.stringify({ index }), priority: 0 }])
  await Promise.all(Array.from({ length: count }, put))
}

/** Keeps the event loop busy, as a bad handler does. */
function block(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms)
}
