import type { MessageListener, RedisClient } from '../connection/client.ts'
import { type KeyFilter, keyFilter } from './key-filter.ts'
import type { Keys } from './keys.ts'

/** How broadcasts travel. */
export interface BroadcastWay {
  /** The command that sends one. */
  command(exchange: string, routingKey: string, payload: string): readonly string[]
  /** What to subscribe to for a binding. */
  names(exchange: string, bindingKey: string): readonly string[]
  subscribe(receiver: RedisClient, name: string, listener: MessageListener): Promise<void>
  unsubscribe(receiver: RedisClient, name: string): Promise<void>
  /** What of the arrivals is for a binding: the payload, or `undefined`. */
  opener(bindingKey: string): (arrival: Buffer) => Buffer | undefined
}

/** Kombu's: the routing key is a part of the channel, and a binding is a pattern. */
export function patternWay(keys: Keys): BroadcastWay {
  return {
    command: (exchange, routingKey, payload) => [
      'PUBLISH',
      keys.channel(exchange, routingKey),
      payload,
    ],
    names: (exchange, bindingKey) => keys.channelPatterns(exchange, bindingKey),
    subscribe: (receiver, name, listener) => receiver.psubscribe(name, listener),
    unsubscribe: (receiver, name) => receiver.punsubscribe(name),
    opener: () => (arrival) => arrival,
  }
}

/**
 * Sharded: one channel per exchange, on the node that has the keys. As there are no patterns, the routing
 * key travels in front of the envelope, as `<its bytes>:<key>`.
 */
export function shardedWay(keys: Keys): BroadcastWay {
  return {
    command: (exchange, routingKey, payload) => [
      'SPUBLISH',
      keys.channel(exchange, ''),
      `${Buffer.byteLength(routingKey)}:${routingKey}${payload}`,
    ],
    names: (exchange) => [keys.channel(exchange, '')],
    subscribe: (receiver, name, listener) => receiver.ssubscribe(name, listener),
    unsubscribe: (receiver, name) => receiver.sunsubscribe(name),
    opener: (bindingKey) => {
      const accepts = keys.fanoutPatterns ? keyFilter(bindingKey) : acceptsAll
      return (arrival) => opened(arrival, accepts)
    },
  }
}

const colon = 58

function opened(arrival: Buffer, accepts: KeyFilter): Buffer | undefined {
  const at = arrival.indexOf(colon)
  const end = at + 1 + Number(arrival.toString('latin1', 0, at))
  // Somebody else's: whoever decodes it says what is wrong with it.
  if (at === -1 || !(end <= arrival.length)) return arrival
  return accepts(arrival.toString('utf8', at + 1, end)) ? arrival.subarray(end) : undefined
}

function acceptsAll(): boolean {
  return true
}
