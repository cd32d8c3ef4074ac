/** The tasks that both languages have, ours: the counterpart of `peers/celery_tasks.py`. */
import { defaultCodecs } from '@dashi/messaging'
import { msgpack } from '@dashi/messaging/msgpack'
import { yaml } from '@dashi/messaging/yaml'
import { App, type AppOptions, type Task } from '@dashi/tasks'

const codecs = defaultCodecs.withSerializer(yaml).withSerializer(msgpack)
const acceptContent = ['json', 'yaml', 'msgpack']

/** What {@link interopApp} makes. */
export interface InteropApp {
  readonly app: App
  readonly add: Task<[x: number, y?: number], number>
}

/** An app with the tasks. */
export function interopApp(options: AppOptions): InteropApp {
  const app = new App('interop', { acceptContent, brokerOptions: { codecs }, ...options })
  const add = app.task(
    { name: 'interop.add', params: ['x', 'y?'] },
    (x: number, y?: number): number => x + (y ?? 0),
  )
  app.task('interop.echo', (value: unknown) => value)
  app.task('interop.fail', (text: string) => {
    throw new RangeError(text)
  })
  app.task({ name: 'interop.retry', bind: true, maxRetries: 5 }, (task, times: number) => {
    if (task.retries < times) {
      throw task.retry({ countdownMs: 50, reason: new Error('again') })
    }
    return task.retries
  })
  app.task({ name: 'interop.request', bind: true }, (task) => ({
    id: task.id,
    retries: task.retries,
    root_id: task.request.rootId,
    parent_id: task.request.parentId ?? null,
    routing_key: task.deliveryInfo['routingKey'],
    headers: task.request.headers,
  }))
  return { app, add }
}
