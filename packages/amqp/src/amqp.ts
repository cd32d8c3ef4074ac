import type {
  BrokerAddress,
  Capabilities,
  ConnectOptions,
  Transport,
} from '@dashi/messaging/transport'
import { AmqpConnection } from './amqp-connection.ts'
import { standardTypes } from './exchange-types.ts'
import type { AmqpOptions } from './options.ts'
import { amqpSettings } from './settings.ts'

const capabilities: Capabilities = Object.freeze({
  exchangeTypes: standardTypes,
  exchangeBindings: true,
  priorities: 'high-first',
  messageTtl: true,
  deadLetters: true,
  leases: true,
  sharedBindings: true,
  durability: 'broker',
  requeue: 'first',
  heartbeats: true,
})

/**
 * The RabbitMQ transport: AMQP 0-9-1, RabbitMQ 3.10 to 4.x.
 *
 * @throws {ConfigurationError} `BAD_OPTION`.
 * @example
 * await using connection = new Connection(amqp({ host: 'localhost', virtualHost: 'shop' }))
 */
export function amqp(options: AmqpOptions = {}): Transport {
  const settings = amqpSettings(options)
  const { host, port, userid, password, virtualHost, ssl } = settings
  const address: BrokerAddress = Object.freeze({
    scheme: ssl ? 'amqps' : 'amqp',
    hostname: host,
    port,
    userid,
    password,
    virtualHost,
  })
  return Object.freeze({
    name: 'amqp',
    capabilities,
    address,
    connect: (connectOptions: ConnectOptions) => AmqpConnection.open(settings, connectOptions),
  })
}
