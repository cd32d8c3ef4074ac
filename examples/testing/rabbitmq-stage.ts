/** A stage on RabbitMQ: a virtual host of one's own on a node that tests share. */
import { randomUUID } from 'node:crypto'
import { Management } from '@dashi/amqp'
import { type SharedRabbitmq, sharedRabbitmq } from '../../tools/brokers/rabbitmq.ts'
import { UnavailableError } from '../../tools/services/broker.ts'
import { Stage } from './stage.ts'

/** With the management API of the same node, and a client of it for the stage's virtual host. */
export class RabbitmqStage extends Stage {
  readonly management: Management
  readonly managementUrl: string

  /** @internal Use `openRabbitmqStage()`. */
  constructor(server: SharedRabbitmq, virtualHost: string) {
    const { managementUrl } = server
    const management = new Management({ url: managementUrl, virtualHost })
    // The URLs of nodes end with the default virtual host, "//".
    super(server.url.replace(/\/\/$/, `/${virtualHost}`), async () => {
      await management.virtualHosts.delete(virtualHost)
      await server[Symbol.asyncDispose]()
    })
    this.management = management
    this.managementUrl = managementUrl
  }
}

/** Opens a stage, or skips the test with the reason why there is no RabbitMQ. */
export async function openRabbitmqStage(skip: (reason: string) => never): Promise<RabbitmqStage> {
  const server = await sharedRabbitmq().catch((error: unknown) => {
    if (error instanceof UnavailableError) return skip(error.message)
    throw error
  })
  const virtualHost = `example-${randomUUID()}`
  const stage = new RabbitmqStage(server, virtualHost)
  await stage.management.virtualHosts.create(virtualHost)
  return stage
}
