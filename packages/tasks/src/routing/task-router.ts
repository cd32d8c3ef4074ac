import { Exchange, Queue } from '@dashi/messaging'
import type { Route } from '../configuration/routing-settings.ts'
import type { Settings } from '../configuration/settings.ts'
import type { CallOptions } from '../task/call-options.ts'
import { KnownQueues } from './known-queues.ts'
import { routeMatcher } from './match-route.ts'
import type { Destination, RoutedCall, Router } from './router.ts'

/**
 * Celery's way to a destination: the call's own options, completed by the first route that answers, else the default queue.
 *
 * A direct exchange is published to as the default one, straight to the queue, unless the call names both an exchange and a
 * routing key. Source: celery/app/routes.py, Router.route(), and celery/app/amqp.py, send_task_message().
 */
export class TaskRouter implements Router {
  readonly #settings: Settings
  readonly #queues: KnownQueues
  readonly #route: (call: RoutedCall) => Route | undefined

  constructor(settings: Settings) {
    this.#settings = settings
    this.#queues = new KnownQueues(settings)
    this.#route = routeMatcher(settings.taskRoutes)
  }

  destinationOf(call: RoutedCall): Destination {
    const options = withRoute(call.options, this.#route(call))
    const { exchange, routingKey } = options
    if (exchange !== undefined && routingKey !== undefined && options.queue === undefined) {
      return { exchange: nameOf(exchange), routingKey, queue: undefined, options }
    }
    const { queue = this.#settings.taskDefaultQueue } = options
    return straightTo(queue instanceof Queue ? queue : this.queue(queue), options)
  }

  consumedQueues(
    selection: {
      readonly queues?: readonly string[] | undefined
      readonly exclude?: readonly string[] | undefined
    } = {},
  ): readonly Queue[] {
    const { queues = this.#queues.consumed, exclude = [] } = selection
    return queues.filter((name) => !exclude.includes(name)).map((name) => this.queue(name))
  }

  queue(name: string): Queue {
    return this.#queues.get(name)
  }
}

/** Options of the call win; a route fills what they leave open. */
function withRoute(options: CallOptions, route: Route | undefined): CallOptions {
  if (route === undefined) return options
  const completed: Record<string, unknown> = {
    ...(typeof route === 'string' ? { queue: route } : route),
  }
  for (const [name, value] of Object.entries(options)) {
    if (value !== undefined) completed[name] = value
  }
  return completed
}

function straightTo(queue: Queue, options: CallOptions): Destination {
  const { exchange } = queue
  const isDirect = exchange === undefined || exchange.name === '' || exchange.type === 'direct'
  const isNamed = options.exchange !== undefined && options.routingKey !== undefined
  if (isDirect && !isNamed) {
    return { exchange: '', routingKey: queue.name, queue, options }
  }
  return {
    exchange: options.exchange === undefined ? (exchange?.name ?? '') : nameOf(options.exchange),
    routingKey: options.routingKey ?? queue.routingKey,
    queue,
    options,
  }
}

function nameOf(exchange: string | Exchange): string {
  return exchange instanceof Exchange ? exchange.name : exchange
}
