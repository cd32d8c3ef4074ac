/** The in-process transport: every capability of the virtual layer, nothing to install, nothing that outlives the process. */
import type { BrokerUrl } from '../transport/broker-url.ts'
import type { Capabilities } from '../transport/capabilities.ts'
import { checkOptions } from '../transport/options.ts'
import type { Transport } from '../transport/transport.ts'
import type { QueueStore } from '../virtual/queue-store.ts'
import type { VirtualOptions } from '../virtual/virtual-options.ts'
import { virtualTransport } from '../virtual/virtual-transport.ts'
import { MemoryBroker } from './memory-broker.ts'
import { MemorySession } from './memory-session.ts'

const capabilities: Capabilities = Object.freeze({
  exchangeTypes: ['direct', 'fanout', 'topic', 'headers'],
  exchangeBindings: false,
  priorities: 'high-first',
  messageTtl: true,
  deadLetters: true,
  leases: false,
  sharedBindings: true,
  durability: 'none',
  requeue: 'last',
  heartbeats: false,
} as const)

/** Options of the memory transport. */
export interface MemoryOptions extends VirtualOptions {
  /** Connections see each other through the broker they share. Default: one of its own. */
  readonly broker?: MemoryBroker | undefined
  /** Largest envelope in bytes. Default 128 MiB. */
  readonly maxPayloadBytes?: number | undefined
}

/** A transport whose broker is a value in this process. */
export function memory(options: MemoryOptions = {}): Transport {
  const broker = options.broker ?? new MemoryBroker()
  const store: QueueStore = {
    name: 'memory',
    capabilities,
    address: {
      scheme: 'memory',
      hostname: undefined,
      port: undefined,
      userid: undefined,
      password: undefined,
      virtualHost: undefined,
    },
    maxPayloadBytes: options.maxPayloadBytes ?? 128 * 1024 * 1024,
    async open() {
      return new MemorySession(broker)
    },
  }
  return virtualTransport(store, options)
}

/**
 * Brokers by the name in their URL. The one piece of state that belongs to the process: a `memory://` URL
 * means "this process", for two connections that share nothing but the text, as in Kombu.
 */
const processBrokers = new Map<string, MemoryBroker>()

/** The transport of a `memory://name` URL: all URLs of that name in this process share a broker. */
export function memoryFromUrl(
  url: BrokerUrl,
  options: Readonly<Record<string, unknown>>,
): Transport {
  checkOptions('the memory transport', options, {
    bodyEncoding: { type: 'string', oneOf: ['base64', 'utf-8'] },
    topicMatching: { type: 'string', oneOf: ['kombu', 'amqp'] },
    deadletterQueue: { type: 'string' },
    maxTake: { type: 'number', min: 1, integer: true },
    maxPayloadBytes: { type: 'number', min: 1, integer: true },
  })
  const name = `${url.hostname ?? ''}/${url.virtualHost ?? ''}`
  const broker = processBrokers.get(name) ?? new MemoryBroker()
  processBrokers.set(name, broker)
  return memory({ ...options, broker })
}
