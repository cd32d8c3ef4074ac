/** Exchanges and queues of worker discovery. All names begin with the heartbeats' exchange. Pure. */
import { Exchange } from '../entity/exchange.ts'
import { Queue } from '../entity/queue.ts'

/** Exchange of heartbeats unless another is chosen: what `worker.py` and `proxy.py` use. */
export const defaultExchangeName = 'worker_discovery'

/** A queue that nobody has used for so long goes, where the broker can do that. */
export const abandonedAfterMs = 60_000

/** Fanout, durable: what `Exchange("worker_discovery", type="fanout")` declares. */
export function heartbeatExchange(name: string): Exchange {
  return new Exchange(name, { type: 'fanout' })
}

/** Fanout: asks workers to announce themselves now. */
export function probeExchange(name: string): Exchange {
  return new Exchange(`${name}.probe`, { type: 'fanout', deliveryMode: 'transient' })
}

/** Direct, by worker id. */
export function requestExchange(name: string): Exchange {
  return new Exchange(`${name}.requests`, { type: 'direct', deliveryMode: 'transient' })
}

/** Direct, by the id of the one that asked. */
export function answerExchange(name: string): Exchange {
  return new Exchange(`${name}.answers`, { type: 'direct', deliveryMode: 'transient' })
}

/** What a registry hears heartbeats by. */
export function registryQueue(exchange: Exchange, queueName: string): Queue {
  return new Queue(queueName, { exchange, autoDelete: true, expiresMs: abandonedAfterMs })
}

/**
 * What a worker takes requests from.
 *
 * Neither exclusive nor auto-delete, so that requests outlive a cut connection; it is deleted when the worker closes.
 */
export function requestQueue(name: string, workerId: string): Queue {
  return new Queue(requestQueueName(name, workerId), {
    bindings: [
      requestExchange(name).binding({ routingKey: workerId }),
      probeExchange(name).binding(),
    ],
    expiresMs: abandonedAfterMs,
  })
}

/** Name of a worker's request queue. */
export function requestQueueName(name: string, workerId: string): string {
  return `${name}.requests.${workerId}`
}

/** What answers come back to. As `requestQueue`. */
export function answerQueue(name: string, callerId: string): Queue {
  return new Queue(`${name}.answers.${callerId}`, {
    exchange: answerExchange(name),
    routingKey: callerId,
    expiresMs: abandonedAfterMs,
  })
}
