/**
 * Kombu for TypeScript: one messaging API over many brokers, on Kombu's wire.
 *
 * @module
 */

export * from './clock/lamport-clock.ts'
export * from './codec/brotli.ts'
export { bytes } from './codec/bytes.ts'
export * from './codec/codec-registry.ts'
export * from './codec/compressor.ts'
export { DateTime } from './codec/date-time.ts'
export * from './codec/decimal.ts'
export * from './codec/json.ts'
export * from './codec/json-type.ts'
export * from './codec/plain-date.ts'
export * from './codec/plain-time.ts'
export * from './codec/serializer.ts'
export { text } from './codec/text.ts'
export * from './codec/uuid.ts'
export * from './codec/zlib.ts'
export * from './codec/zstd.ts'
export type { BackoffOptions } from './connection/backoff.ts'
export {
  Channel,
  type GetOptions,
  type PublishDeadline,
  type QosOptions,
} from './connection/channel.ts'
export type { ChannelConsumer } from './connection/channel-life.ts'
export type { ConnectionOptions, ConnectionSettings } from './connection/connection-options.ts'
export type { ConnectionCounters } from './connection/counters.ts'
export { type FailoverStrategy, failoverStrategies } from './connection/failover.ts'
export { type RetryPolicy, retryOverTime } from './connection/retry.ts'
export type { ConnectionEvents } from './connection/state.ts'
export {
  type ConnectionInfo,
  type DrainOptions,
  SupervisedConnection,
} from './connection/supervised-connection.ts'
export { Connection } from './connection.ts'
export { Consumer, type ConsumerCallback, type ConsumerOptions } from './consumer.ts'
export { DeliveryStream, type StreamOptions } from './delivery-stream.ts'
export type { PopOptions, PushOptions, WorkQueue } from './discipline/work-queue.ts'
export * from './discovery/announcement.ts'
export type { DispatchOptions } from './discovery/dispatcher.ts'
export type { RequestContext, WorkerHandler, WorkerHandlers } from './discovery/request-server.ts'
export * from './discovery/worker-registry.ts'
export type { DiscoveredWorker } from './discovery/worker-table.ts'
export * from './entity/binding.ts'
export * from './entity/broadcast.ts'
export * from './entity/declaration.ts'
export * from './entity/delivery-mode.ts'
export * from './entity/exchange.ts'
export * from './entity/queue.ts'
export type { QueueLimits } from './entity/queue-arguments.ts'
export type { QueueFromDictOptions } from './entity/queue-from-dict.ts'
export * from './errors.ts'
export { type FilesystemOptions, filesystem } from './filesystem/filesystem.ts'
export * from './loop/drain-consumer.ts'
export * from './loop/eventloop.ts'
export * from './loop/itermessages.ts'
export type { CollectOptions } from './mailbox/collection.ts'
export type { MailboxCommand, ReplyAddress } from './mailbox/command.ts'
export * from './mailbox/mailbox.ts'
export type { MailboxOptions, MailboxSettings } from './mailbox/mailbox-options.ts'
export * from './mailbox/node.ts'
export { type MailboxReply, UnclaimedReplies } from './mailbox/unclaimed-replies.ts'
export * from './matcher/matcher.ts'
export { type Declarable, type DeclareTarget, maybeDeclare } from './maybe-declare.ts'
export { type MemoryOptions, memory } from './memory/memory.ts'
export { MemoryBroker } from './memory/memory-broker.ts'
export * from './message/envelope.ts'
export { type DeliveryInfo, Message } from './message/message.ts'
export type { MessageState } from './message/message-state.ts'
export type { OperationOptions } from './operation-options.ts'
export { ChannelPool } from './pool/channel-pool.ts'
export { ConnectionPool } from './pool/connection-pool.ts'
export { insured } from './pool/insured.ts'
export { Pooled, type PoolReturns } from './pool/pooled.ts'
export * from './pool/pools.ts'
export * from './pool/producer-pool.ts'
export * from './pool/resource-pool.ts'
export * from './prefetch/qos.ts'
export {
  isConnectionFailure,
  Producer,
  type ProducerOptions,
  type PublishOptions,
  type ReturnHandler,
} from './producer.ts'
export { type QuarantinePlace, quarantine } from './quarantine.ts'
export * from './rate/token-bucket.ts'
export * from './reply/collect-replies.ts'
export * from './reply/send-reply.ts'
export { ConsumerProducerService } from './service/consumer-producer-service.ts'
export * from './service/consumer-service.ts'
export { SimpleBuffer } from './simple/simple-buffer.ts'
export {
  type SimpleGetOptions,
  SimpleQueue,
  type SimpleQueueOptions,
} from './simple/simple-queue.ts'
export type { BrokerUrl } from './transport/broker-url.ts'
export type { Capabilities, ExchangeType } from './transport/capabilities.ts'
export type { Transport } from './transport/transport.ts'
