/** Exchanges and queues of a mailbox: Kombu's names and flags. Pure. */
import { Exchange } from '../entity/exchange.ts'
import { Queue, type QueueOptions } from '../entity/queue.ts'
import type { MailboxSettings } from './mailbox-options.ts'

/** `<namespace>.pidbox`: where commands go. Source: kombu/pidbox.py, Mailbox. */
export function commandExchange(namespace: string, type: string): Exchange {
  return new Exchange(`${namespace}.pidbox`, { type, durable: false, deliveryMode: 'transient' })
}

/** `reply.<namespace>.pidbox`, or any other that a command names: where replies go. */
export function replyExchange(name: string): Exchange {
  return new Exchange(name, { type: 'direct', durable: false, deliveryMode: 'transient' })
}

/** Name of the reply exchange of a namespace. */
export function replyExchangeName(namespace: string): string {
  return `reply.${namespace}.pidbox`
}

/** `<hostname>.<namespace>.pidbox`: what a node listens to. */
export function nodeQueue(
  namespace: string,
  hostname: string,
  options: MailboxSettings & Pick<QueueOptions, 'onDeclared'>,
): Queue {
  return new Queue(`${hostname}.${namespace}.pidbox`, {
    ...flags(options),
    exchange: commandExchange(namespace, options.type),
    expiresMs: options.queueExpiresMs,
    messageTtlMs: options.queueTtlMs,
    onDeclared: options.onDeclared,
  })
}

/** `<oid>.reply.<namespace>.pidbox`: what a caller listens to. */
export function replyQueue(namespace: string, oid: string, options: MailboxSettings): Queue {
  return new Queue(`${oid}.reply.${namespace}.pidbox`, {
    ...flags(options),
    exchange: replyExchange(replyExchangeName(namespace)),
    routingKey: oid,
    expiresMs: options.replyQueueExpiresMs,
    messageTtlMs: options.replyQueueTtlMs,
  })
}

function flags({ queueDurable, queueExclusive }: MailboxSettings): QueueOptions {
  return { durable: queueDurable, exclusive: queueExclusive, autoDelete: !queueDurable }
}
