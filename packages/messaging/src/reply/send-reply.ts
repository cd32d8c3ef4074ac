/** Answers a message that says where the answer goes. */
import type { Exchange } from '../entity/exchange.ts'
import { ConfigurationError } from '../errors.ts'
import type { Message } from '../message/message.ts'
import type { Producer, PublishOptions } from '../producer.ts'

/** Options of `sendReply`. */
export interface SendReplyOptions extends PublishOptions {
  readonly producer: Producer
  /** Where the routing key in the request's `replyTo` leads from. Default: the default exchange. */
  readonly exchange?: Exchange | string | undefined
}

/**
 * Publishes an answer: to the request's `replyTo`, with its correlation id, in its serialization. The options win. That
 * nobody waits for it any more is no error.
 *
 * @throws {ConfigurationError} `BAD_OPTION`: the request does not say where to.
 * @example
 * await sendReply(message, { sum: 3 }, { producer: connection.producer() })
 * @see kombu/common.py, send_reply
 */
export async function sendReply(
  request: Message,
  body: unknown,
  options: SendReplyOptions,
): Promise<void> {
  const { producer, exchange = '', ...publishOptions } = options
  const routingKey = publishOptions.routingKey ?? request.properties.replyTo
  if (routingKey === undefined) throw noAddress(request)
  await producer.publish(body, {
    correlationId: request.properties.correlationId,
    serializer: serializerOf(request, producer),
    mandatory: false,
    ...publishOptions,
    exchange,
    routingKey,
  })
}

/** Text and bytes are written as what they are; an answer to them may be anything. */
function serializerOf({ contentType }: Message, producer: Producer): string | undefined {
  if (contentType === undefined || contentType === 'text/plain') return undefined
  if (contentType === 'application/data') return undefined
  return producer.connection.settings.codecs.serializerNameOf(contentType)
}

function noAddress(request: Message): ConfigurationError {
  return new ConfigurationError(
    'BAD_OPTION',
    `Cannot answer a message of queue "${request.deliveryInfo.queue}": it has no replyTo. Publish it with replyTo, or give a routingKey`,
  )
}
