/**
 * For authors of transports: the two doors, and the pure parts that transports share.
 *
 * @module
 */
export { closestName } from './closest-name.ts'
export * from './entity/declaration.ts'
export * from './errors.ts'
export * from './message/envelope.ts'
export type { OperationOptions } from './operation-options.ts'
export * from './transport/broker-url.ts'
export * from './transport/capabilities.ts'
export * from './transport/options.ts'
export * from './transport/transport.ts'
export * from './virtual/queue-store.ts'
export { kombuTopicPattern, matchAmqpTopic, matchKombuTopic } from './virtual/topic.ts'
export type { VirtualOptions } from './virtual/virtual-options.ts'
export { virtualTransport } from './virtual/virtual-transport.ts'
