/** A process that publishes at a steady rate and writes down what became of each message. */
import { Connection, OutcomeUnknownError, PublishError, Queue } from '@dashi/messaging'
import { ConnectionError } from '@dashi/messaging/transport'
import { LedgerWriter } from '../ledger/ledger-writer.ts'
import { actorConfig, connectionOptions, type PublisherConfig } from './actor-config.ts'
import { liveAsActor, oneLine } from './actor-life.ts'
import { poisonText, testBody } from './test-body.ts'

const config = actorConfig<PublisherConfig>()
const ledger = new LedgerWriter(config.ledger)
const connection = new Connection(config.url, connectionOptions(config))
connection.on('warning', ({ error }) => ledger.write('W', oneLine(error)))

// Half of the messages go the short way, half through an exchange: the store routes those itself.
const queue = new Queue(config.queue, {
  exchange: `${config.queue}.direct`,
  routingKey: 'bound',
  queueArguments: config.queueArguments,
})
const producer = connection.producer()

const tickMs = 20
let timer: NodeJS.Timeout | undefined
let startedAt = 0
let count = 0
const outstanding = new Set<Promise<void>>()

function publishDue(): void {
  const due = ((performance.now() - startedAt) / 1_000) * config.messagesPerSecond
  while (count < due && outstanding.size < config.maxOutstanding) publishNext()
  // What could not go out in time is not made up for: the rate is an upper bound.
  if (count < due) startedAt = performance.now() - (count / config.messagesPerSecond) * 1_000
}

function publishNext(): void {
  count += 1
  const id = `${config.name}-${count}`
  const isBound = count % 2 === 0
  const isPoison = Math.random() < config.poisonShare
  ledger.write('P', id, isPoison ? 'poison' : 'sound')
  const published = producer
    .publish(isPoison ? poisonText(id) : testBody(id, config.paddingBytes), {
      exchange: isBound ? `${config.queue}.direct` : '',
      routingKey: isBound ? 'bound' : config.queue,
      contentType: isPoison ? 'application/json' : undefined,
      messageId: id,
      deliveryMode: config.deliveryMode,
    })
    .then(
      () => confirmed(id),
      (error: unknown) => failed(id, error),
    )
  if (config.defect === 'confirm-early') ledger.write('C', id)
  outstanding.add(published)
  void published.finally(() => outstanding.delete(published))
}

function confirmed(id: string): void {
  if (config.defect !== 'confirm-early') ledger.write('C', id)
}

function failed(id: string, error: unknown): void {
  if (error instanceof OutcomeUnknownError) ledger.write('U', id, oneLine(error.cause ?? error))
  else if (error instanceof PublishError || error instanceof ConnectionError)
    ledger.write('X', id, oneLine(error))
  else ledger.write('E', oneLine(error))
}

liveAsActor({
  ledger,
  go: async () => {
    await queue.declare(connection.defaultChannel)
    startedAt = performance.now()
    timer = setInterval(publishDue, tickMs)
  },
  stop: async () => {
    clearInterval(timer)
    await Promise.all(outstanding)
    await connection.close()
  },
  inFlight: () => outstanding.size,
})
