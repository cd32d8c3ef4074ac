/**
 * RabbitMQ for Dashi: the transport, native delayed delivery, and a client of the management API.
 *
 * @module
 */
export { amqp } from './amqp.ts'
export type { AmqpOptions, TlsSettings } from './options.ts'
export { transportFromUrl } from './transport-from-url.ts'
