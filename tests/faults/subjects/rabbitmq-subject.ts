import { type RabbitmqServer, startRabbitmq } from '../../../tools/brokers/rabbitmq.ts'
import type { FaultPlan } from '../fault-plan.ts'
import {
  type BrokerControl,
  type Quarantined,
  quarantineName,
  queueName,
  type Remains,
  type Subject,
} from './subject.ts'

/** A RabbitMQ node of our own, with a classic queue or a quorum queue of one member. */
export async function rabbitmqSubject(plan: FaultPlan): Promise<Subject> {
  const node = await startRabbitmq()
  const confirms = plan.durability !== 'unconfirmed'
  return {
    url: node.url,
    transportOptions: plan.transport === 'kombu-rabbitmq' ? {} : { confirms },
    publisherOptions: { confirms },
    queueArguments: plan.transport === 'rabbitmq-quorum' ? { 'x-queue-type': 'quorum' } : {},
    version: `RabbitMQ ${(await node.control('version')).trim()}`,
    broker: brokerControl(node),
    remains: () => remainsOf(node),
    remainingIds: async () => new Set((await messagesIn(node, queueName)).map(idOf)),
    quarantined: async () => (await messagesIn(node, quarantineName)).map(asQuarantined),
    [Symbol.asyncDispose]: () => node[Symbol.asyncDispose](),
  }
}

function brokerControl({ process, control }: RabbitmqServer): BrokerControl {
  return {
    kill: () => process.kill(),
    start: () => process.start(),
    pause: () => process.signal('SIGSTOP'),
    resume: () => process.signal('SIGCONT'),
    limitMemory: async (isFull) => {
      // An alarm: the node stops reading from whoever publishes.
      const limit = isFull ? ['absolute', '1MB'] : ['0.4']
      await control('set_vm_memory_high_watermark', ...limit)
    },
  }
}

interface QueueRow {
  readonly name: string
  readonly messages_ready: number
  readonly messages_unacknowledged: number
}

interface ConsumerRow {
  readonly queue_name: string
}

const asJson = ['--formatter', 'json']
const queueColumns = ['name', 'messages_ready', 'messages_unacknowledged']

/** Asked of the node itself: the management plugin's figures lag behind. Of a quorum queue its counts do, too, by five seconds. */
async function remainsOf({ control }: RabbitmqServer): Promise<Remains> {
  const answers = await Promise.all([
    control('list_queues', ...asJson, ...queueColumns),
    control('list_consumers', ...asJson, 'queue_name'),
  ])
  const queues: readonly QueueRow[] = JSON.parse(answers[0])
  const consumers: readonly ConsumerRow[] = JSON.parse(answers[1])
  const queue = queues.find(({ name }) => name === queueName)
  return {
    ready: queue?.messages_ready ?? 0,
    leased: queue?.messages_unacknowledged ?? 0,
    holders: consumers.filter((consumer) => consumer.queue_name === queueName).length,
    other: queues.map(({ name }) => name).filter((name) => !knownQueues.has(name)),
  }
}

const knownQueues: ReadonlySet<string> = new Set([queueName, quarantineName])

interface StoredMessage {
  readonly payload: string
  readonly payload_encoding: 'string' | 'base64'
  readonly properties: {
    readonly message_id?: string
    readonly headers?: Readonly<Record<string, unknown>>
  }
}

/** Looks at them and leaves them there. A queue that nobody ever declared has none. */
async function messagesIn(node: RabbitmqServer, queue: string): Promise<readonly StoredMessage[]> {
  const url = new URL(`/api/queues/%2F/${queue}/get`, node.managementUrl)
  const authorization = `Basic ${btoa(`${url.username}:${url.password}`)}`
  url.username = ''
  url.password = ''
  const answer = await fetch(url, {
    method: 'POST',
    headers: { authorization },
    body: JSON.stringify({ count: 100_000, ackmode: 'ack_requeue_true', encoding: 'auto' }),
    signal: AbortSignal.timeout(60_000),
  })
  if (answer.status === 404) return []
  if (!answer.ok) throw new Error(`RabbitMQ does not show queue "${queue}": ${answer.status}`)
  // The management plugin's own form: https://www.rabbitmq.com/docs/http-api-reference
  return (await answer.json()) as readonly StoredMessage[]
}

function idOf({ properties }: StoredMessage): string {
  return properties.message_id ?? ''
}

function asQuarantined(message: StoredMessage): Quarantined {
  const { payload, payload_encoding: encoding, properties } = message
  return {
    id: idOf(message),
    code: properties.headers?.['x-quarantine-code'],
    body: encoding === 'base64' ? Buffer.from(payload, 'base64').toString() : payload,
  }
}
