/** A process with fewer rights than the test that starts it: publishes, then consumes, and says what came of it. */
import {
  Connection,
  type FilesystemOptions,
  filesystem,
  MessagingError,
  Queue,
} from '@dashi/messaging'

/** What it is told, as JSON in its first argument. */
export interface BoundedOrders {
  readonly options: FilesystemOptions
  /** Whom to become, where the process is the system's. */
  readonly uid: number | undefined
  /** Sizes of the bodies to publish, one after the other. */
  readonly sizes: readonly number[]
  /** Messages to wait for. */
  readonly count: number
  /** Whether to wait for a warning before the end. */
  readonly untilWarned?: boolean
}

/** What it says. */
export interface BoundedAnswer {
  readonly published: readonly string[]
  readonly received: readonly number[]
  readonly warnings: readonly string[]
}

// What the test that starts it wrote.
const { options, uid, sizes, count, untilWarned } = JSON.parse(
  process.argv[2] ?? '',
) as BoundedOrders
if (uid !== undefined) process.setuid?.(uid)

const connection = new Connection(filesystem(options), { connectTimeoutMs: 3_000 })
const warnings = new Set<string>()
const warned = Promise.withResolvers<void>()
connection.on('warning', ({ error }) => {
  warnings.add(String(error))
  warned.resolve()
})

async function publish(size: number): Promise<string> {
  try {
    await connection.producer().publish('x'.repeat(size), { routingKey: 'q' })
    return 'stored'
  } catch (error) {
    return MessagingError.is(error) ? `${error.code}: ${error.message}` : String(error)
  }
}

const published: string[] = []
for (const size of sizes) published.push(await publish(size))
const received: number[] = []
if (count > 0) {
  for await (const message of connection.consume(new Queue('q'))) {
    received.push(String(message.payload).length)
    message.ack()
    if (received.length < count) continue
    if (untilWarned) await warned.promise
    break
  }
}
await connection.close()
const answer: BoundedAnswer = { published, received, warnings: [...warnings] }
process.stdout.write(`${JSON.stringify(answer)}\n`)
