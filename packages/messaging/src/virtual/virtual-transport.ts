/** AMQP's model over anything that has queues. */
import type { ConnectOptions, Transport, TransportConnection } from '../transport/transport.ts'
import type { QueueStore } from './queue-store.ts'
import { VirtualConnection } from './virtual-connection.ts'
import { type VirtualOptions, virtualSettings } from './virtual-options.ts'

/**
 * Makes a transport of a queue store: exchanges of all types, prefetch, `multiple`, dead letters, expiry,
 * and the wire envelope come from here; queues and leases from the store.
 */
export function virtualTransport(store: QueueStore, options: VirtualOptions = {}): Transport {
  const settings = virtualSettings(options)
  return {
    name: store.name,
    capabilities: store.capabilities,
    address: store.address,
    async connect(connectOptions: ConnectOptions): Promise<TransportConnection> {
      const session = await store.open(connectOptions)
      return new VirtualConnection(store, session, { ...connectOptions, settings })
    },
  }
}
