import { Exchange, Queue } from '@dashi/messaging'
import { describe, expect, test } from 'vitest'
import { resolveSettings } from '../configuration/resolve-settings.ts'
import type { AppOptions } from '../configuration/settings.ts'
import type { CallOptions } from '../task/call-options.ts'
import { TaskRouter } from './task-router.ts'

function destination(settings: AppOptions, task: string, options: CallOptions = {}) {
  const router = new TaskRouter(resolveSettings(settings))
  const found = router.destinationOf({ task, args: [], kwargs: {}, options })
  return { exchange: found.exchange, routingKey: found.routingKey, queue: found.queue?.name }
}

const toCelery = { exchange: '', routingKey: 'celery', queue: 'celery' }

describe('where a call goes', () => {
  test('to the default queue, straight, although that is bound to an exchange', () => {
    const router = new TaskRouter(resolveSettings({}))
    const found = router.destinationOf({ task: 't', args: [], kwargs: {}, options: {} })
    expect(found).toMatchObject({ exchange: '', routingKey: 'celery' })
    expect(found.queue?.exchange?.name).toBe('celery')
    expect(found.queue?.routingKey).toBe('celery')
  })

  test('to the queue that it names, made if nobody has configured it', () => {
    expect(destination({}, 't', { queue: 'fast' })).toEqual({
      exchange: '',
      routingKey: 'fast',
      queue: 'fast',
    })
  })

  test('not to an unknown queue where missing ones are not to be created', () => {
    const settings = { taskCreateMissingQueues: false }
    expect(() => destination(settings, 't', { queue: 'fast' })).toThrow(/"fast".*"celery"/)
  })

  test('to the exchange and key that it names, whatever queues there are', () => {
    const options = { exchange: 'media', routingKey: 'video' }
    expect(destination({}, 't', options)).toEqual({ ...options, queue: undefined })
  })

  test("through its queue's exchange, if that is no direct one", () => {
    const settings = {
      taskQueues: [
        { name: 'feeds', exchange: 'news', exchangeType: 'topic', routingKey: 'feed.#' },
      ],
    }
    expect(destination(settings, 't', { queue: 'feeds', routingKey: 'feed.import' })).toEqual({
      exchange: 'news',
      routingKey: 'feed.import',
      queue: 'feeds',
    })
  })

  test('to a queue of messaging, with its own exchange', () => {
    const queue = new Queue('q', {
      exchange: new Exchange('e', { type: 'topic' }),
      routingKey: 'k',
    })
    expect(destination({ taskQueues: [queue] }, 't', { queue: 'q' })).toMatchObject({
      exchange: 'e',
      routingKey: 'k',
    })
  })
})

describe('routes', () => {
  const routes = { 'feed.tasks.import_feed': 'exact', 'feed.*': { queue: 'glob', priority: 3 } }

  test.each([
    ['feed.tasks.import_feed', 'exact'],
    ['feed.tasks.other', 'glob'],
    ['feeds.other', 'celery'],
  ])('task %s goes to queue %s', (task, queue) => {
    expect(destination({ taskRoutes: routes }, task).queue).toBe(queue)
  })

  test('a regular expression matches from the start, a pair in its order', () => {
    const taskRoutes = [
      [/(video|image)\.tasks\..*/, { queue: 'media' }],
      ['video.*', 'never'],
    ] as const
    expect(destination({ taskRoutes }, 'video.tasks.encode').queue).toBe('media')
    expect(destination({ taskRoutes }, 'my.video.tasks.encode')).toEqual(toCelery)
  })

  test('a function is asked each time, and may leave it to the next', () => {
    const taskRoutes = [
      ({ args }: { readonly args: readonly unknown[] }) =>
        args.length > 0 ? 'with-arguments' : undefined,
      { t: 'without' },
    ]
    const router = new TaskRouter(resolveSettings({ taskRoutes }))
    const queueOf = (args: readonly unknown[]) =>
      router.destinationOf({ task: 't', args, kwargs: {}, options: {} }).queue?.name
    expect([queueOf([1]), queueOf([])]).toEqual(['with-arguments', 'without'])
  })

  test('options of the call win; the route fills the rest', () => {
    const router = new TaskRouter(resolveSettings({ taskRoutes: routes }))
    const call = { task: 'feed.x', args: [], kwargs: {} }
    const own = router.destinationOf({ ...call, options: { queue: 'own' } })
    expect(own).toMatchObject({ routingKey: 'own', options: { queue: 'own', priority: 3 } })
    const prior = router.destinationOf({ ...call, options: { priority: 9 } })
    expect(prior).toMatchObject({ routingKey: 'glob', options: { priority: 9 } })
  })
})

describe('the queues of a worker', () => {
  const taskQueues = [{ name: 'a' }, { name: 'b' }]
  const router = () => new TaskRouter(resolveSettings({ taskQueues }))
  const names = (queues: readonly Queue[]) => queues.map(({ name }) => name)

  test('all configured ones, selected ones, and not the excluded', () => {
    expect(names(router().consumedQueues())).toEqual(['a', 'b'])
    expect(names(router().consumedQueues({ exclude: ['a'] }))).toEqual(['b'])
    expect(names(router().consumedQueues({ queues: ['c', 'a'] }))).toEqual(['c', 'a'])
  })

  test('a queue that only a call has named is not consumed', () => {
    const one = router()
    one.queue('named-by-a-call')
    expect(names(one.consumedQueues())).toEqual(['a', 'b'])
  })

  test('quorum queues and priorities are declared as such', () => {
    const settings = { taskDefaultQueueType: 'quorum', taskQueueMaxPriority: 10 } as const
    const queue = new TaskRouter(resolveSettings(settings)).queue('celery')
    expect(queue.declaration.arguments).toMatchObject({
      'x-queue-type': 'quorum',
      'x-max-priority': 10,
    })
  })
})

test('an unknown setting is refused by name', () => {
  // @ts-expect-error: that is the point
  expect(() => resolveSettings({ taskRoute: {} })).toThrow(/"taskRoute".*did you mean "taskRoutes"/)
})
