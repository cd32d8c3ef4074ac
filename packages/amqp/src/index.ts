/**
 * RabbitMQ for Dashi: the transport, native delayed delivery, and a client of the management API.
 *
 * @module
 */
export { amqp } from './amqp.ts'
export {
  bindToDelayedDelivery,
  type DelayedDeliveryOptions,
  declareDelayedDelivery,
} from './delayed/delayed-delivery.ts'
export {
  calculateRoutingKey,
  type DelayedQueueType,
  type DelayedTopology,
  delayedTopology,
  deliveryExchange,
  levelName,
  maxCountdownSeconds,
  maxLevel,
} from './delayed/delayed-topology.ts'
export type { BindingInfo, BindingSpec, ManagedBindings } from './management/bindings.ts'
export type { BrokerConnectionInfo, ManagedConnections } from './management/connections.ts'
export type { ExchangeInfo, ExchangeSpec, ManagedExchanges } from './management/exchanges.ts'
export { Management, type ManagementOptions } from './management/management.ts'
export type { ManagedPolicies, PolicyInfo, PolicySpec } from './management/policies.ts'
export type { ManagedQueues, QueueInfo, QueueSpec } from './management/queues.ts'
export type {
  ManagedPermissions,
  ManagedUsers,
  PermissionInfo,
  Permissions,
  UserInfo,
  UserSpec,
} from './management/users.ts'
export type { ManagedVirtualHosts } from './management/virtual-hosts.ts'
export type { AmqpOptions, TlsSettings } from './options.ts'
export { transportFromUrl } from './transport-from-url.ts'
