/** A process that consumes, works for a moment on each message, acknowledges, and writes down each step. */
import { Connection, type Message, MessagingError, Queue } from '@dashi/messaging'
import { LedgerWriter } from '../ledger/ledger-writer.ts'
import { AckConfirmation } from './ack-confirmation.ts'
import { actorConfig, type ConsumerConfig, connectionOptions } from './actor-config.ts'
import { announce, liveAsActor, oneLine } from './actor-life.ts'
import { isWhole } from './test-body.ts'

const config = actorConfig<ConsumerConfig>()
const ledger = new LedgerWriter(config.ledger)
const connection = new Connection(config.url, connectionOptions(config))
const acks = new AckConfirmation((id, serial) => ledger.write('a', id, serial))
const idle = Promise.withResolvers<void>()
const epochs = new Map<AbortSignal, number>()
let serial = 0
let inFlight = 0
let isStopping = false

connection.on('warning', ({ error }) => ledger.write('W', oneLine(error)))

const consumer = connection.consumer({
  queues: new Queue(config.queue, { queueArguments: config.queueArguments }),
  prefetchCount: config.prefetchCount,
  onMessage: receive,
})

/** Numbers the connections by the signal that their messages share, and notes when one is lost. */
function epochOf({ signal }: Message): number {
  const known = epochs.get(signal)
  if (known !== undefined) return known
  const epoch = epochs.size + 1
  epochs.set(signal, epoch)
  signal.addEventListener('abort', () => lost(epoch, signal.reason), { once: true })
  return epoch
}

function lost(epoch: number, reason: unknown): void {
  if (isStopping) return
  const cause = reason instanceof Error ? reason.cause : undefined
  ledger.write('L', epoch, MessagingError.is(cause) ? cause.code : 'UNKNOWN')
}

function receive(message: Message): void {
  const id = String(message.properties.messageId)
  serial += 1
  ledger.write('D', id, serial, epochOf(message), message.redelivered ? 1 : 0)
  if (serial === 1) announce('busy')
  if (config.defect === 'ack-first') acknowledge(message, id, serial)
  // Throws if it cannot be read: the consumer then sets it aside.
  if (!isWhole(id, message.payload)) ledger.write('M', id, serial)
  inFlight += 1
  setTimeout(finish, Math.random() * 2 * config.workMs, message, id, serial)
}

function finish(message: Message, id: string, own: number): void {
  if (!message.redelivered && Math.random() < config.requeueShare) requeue(message, id, own)
  else handle(message, id, own)
  inFlight -= 1
  if (isStopping && inFlight === 0) idle.resolve()
}

function handle(message: Message, id: string, own: number): void {
  ledger.write('H', id, own)
  if (config.defect !== 'ack-first') acknowledge(message, id, own)
}

function acknowledge(message: Message, id: string, own: number): void {
  message.ack()
  ledger.write('A', id, own)
  acks.add(message, id, own)
}

function requeue(message: Message, id: string, own: number): void {
  // Written first, so that a redelivery is never older than its reason.
  ledger.write('R', id, own)
  message.requeue()
}

await connection.connect()
liveAsActor({
  ledger,
  go: () => consumer.consume(),
  stop: async () => {
    await consumer.cancel()
    isStopping = true
    if (inFlight > 0) await idle.promise
    await acks.done()
    await connection.close()
  },
  close: () => {
    isStopping = true
    return connection.close()
  },
  inFlight: () => inFlight,
})
