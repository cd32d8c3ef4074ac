/** Brokers for one file of tests: whatever is published there meets nobody else's. */
import { rm } from 'node:fs/promises'
import { Management } from '@dashi/amqp'
import { sharedRabbitmq } from '../../tools/brokers/rabbitmq.ts'
import { startRedis } from '../../tools/brokers/redis.ts'
import { UnavailableError } from '../../tools/services/broker.ts'
import { type BrokerAddresses, brokerAddresses, makeBrokerFolder } from './broker-address.ts'
import type { BrokerName } from './matrix.ts'

/** Brokers, some of which may be missing. */
export interface PrivateBrokers extends AsyncDisposable {
  readonly addresses: BrokerAddresses
  /** Why a broker is not there; `undefined` when it is. */
  missing(broker: BrokerName): string | undefined
}

/** A Redis server, a virtual host of RabbitMQ, and a folder; gone when disposed of. */
export async function privateBrokers(): Promise<PrivateBrokers> {
  await using started = new AsyncDisposableStack()
  const folder = await makeBrokerFolder()
  started.defer(() => rm(folder, { recursive: true }))
  const reasons = new Map<BrokerName, string>()
  const urlOf = async (broker: BrokerName, start: () => Promise<string>) => {
    try {
      return await start()
    } catch (error) {
      if (!(error instanceof UnavailableError)) throw error
      reasons.set(broker, error.message)
      return ''
    }
  }
  const redis = await urlOf('redis', async () => started.use(await startRedis()).url)
  const rabbitmq = await urlOf('rabbitmq', () => virtualHost(started))
  const addresses = brokerAddresses({ redis, rabbitmq }, folder)
  const stop = started.move()
  return {
    addresses,
    missing: (broker) => reasons.get(broker),
    [Symbol.asyncDispose]: () => stop.disposeAsync(),
  }
}

async function virtualHost(started: AsyncDisposableStack): Promise<string> {
  const server = started.use(await sharedRabbitmq())
  const { virtualHosts } = new Management({ url: server.managementUrl })
  const name = `interop-${crypto.randomUUID()}`
  await virtualHosts.create(name)
  started.defer(() => virtualHosts.delete(name))
  return server.url.replace(/\/\/$/, `/${name}`)
}
