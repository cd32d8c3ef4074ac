import { Connection } from '@dashi/messaging'
import { anonymousNodeName } from '../client/node-name.ts'
import { outgoingTask } from '../client/outgoing-call.ts'
import { TaskSender } from '../client/task-sender.ts'
import { withTaskOptions } from '../client/with-task-options.ts'
import { resolveSettings } from '../configuration/resolve-settings.ts'
import type { AppOptions, Settings } from '../configuration/settings.ts'
import { TaskError } from '../errors.ts'
import { AsyncResult } from '../result/async-result.ts'
import { openStore } from '../result/open-store.ts'
import type { ResultSession } from '../result/result-store.ts'
import type { RoutedCall, Router } from '../routing/router.ts'
import { TaskRouter } from '../routing/task-router.ts'
import { appBrand } from '../task/app-brand.ts'
import type { CallOptions } from '../task/call-options.ts'
import { currentTask } from '../task/current-task.ts'
import { type RegisteredTask, TaskRegistry } from '../task/registered-task.ts'
import type { TaskContext } from '../task/task-context.ts'
import type { TaskOptions } from '../task/task-options.ts'
import { callDirectly } from './call-directly.ts'
import { eagerly } from './eagerly.ts'
import { makeTask, type RemoteTask, type Task } from './task.ts'

/**
 * An application: its tasks, how they are sent, and where their results are. Celery's `Celery`.
 *
 * Lazy: nothing is connected until something is sent or waited for. Close it when done.
 *
 * @example
 * export const app = new App('tasks', { broker: 'redis://', backend: 'redis://' })
 * export const add = app.task('tasks.add', (x: number, y: number) => x + y)
 */
export class App implements AsyncDisposable {
  readonly name: string
  readonly settings: Settings
  readonly registry: TaskRegistry = new TaskRegistry()
  readonly router: Router
  /** Sends calls, and results over `rpc`. Workers have connections of their own. */
  readonly connection: Connection
  readonly #origin = anonymousNodeName()
  readonly #warned: ((error: unknown) => void)[] = []
  #sender: TaskSender | undefined
  #results: ResultSession | undefined
  #isClosed = false

  /** @throws {ImproperlyConfiguredError} unknown settings; a messaging `ConfigurationError` for a broker URL that cannot be read. */
  constructor(name: string, options: AppOptions = {}) {
    Object.defineProperty(this, appBrand, { value: true })
    this.name = name
    this.settings = resolveSettings(options)
    this.router = new TaskRouter(this.settings)
    this.connection = new Connection(this.settings.brokerUrl, this.settings.brokerOptions)
  }

  /** Told of what nobody awaits: a result that cannot be read, a lost subscription. Without a listener the process is warned. */
  onWarning(listener: (error: unknown) => void): void {
    this.#warned.push(listener)
  }

  /**
   * Registers a task.
   *
   * @param what Its name, or options with a name. With `bind: true` the function's first argument is its {@link TaskContext}.
   * @throws {TaskError} `DUPLICATE_TASK`.
   */
  task<Args extends unknown[], Result>(
    what: string | (TaskOptions & { readonly bind?: false }),
    run: (...args: Args) => Result,
  ): Task<Args, Result>
  task<Args extends unknown[], Result>(
    what: TaskOptions & { readonly bind: true },
    run: (task: TaskContext, ...args: Args) => Result,
  ): Task<Args, Result>
  task(
    what: string | TaskOptions,
    run: (...args: never[]) => unknown,
  ): Task<readonly unknown[], unknown> {
    const options = typeof what === 'string' ? { name: what } : what
    const task: RegisteredTask = Object.freeze({ name: options.name, options, run })
    this.registry.add(task)
    return makeTask(task, {
      applyAsync: (args, callOptions) => this.#call(task, args, callOptions),
      apply: (args, callOptions) => eagerly(this.registry, task, { args, options: callOptions }),
      call: (args) => callDirectly(task, args),
    })
  }

  /**
   * A task whose code is elsewhere, in this language or in Python.
   *
   * @example
   * import type { add } from './worker.ts'
   * const remoteAdd = app.remoteTask<typeof add>('tasks.add')
   */
  remoteTask<T>(
    name: string,
  ): T extends Task<infer Args, infer Result> ? RemoteTask<Args, Result> : never
  remoteTask(name: string): RemoteTask<readonly unknown[], unknown> {
    return {
      name,
      delay: (...args) => this.sendTask(name, args),
      applyAsync: (args, options) => this.sendTask(name, args, options),
    }
  }

  /** Sends a call by the task's name. Celery's `send_task()`. */
  sendTask<Result = unknown>(
    name: string,
    args: readonly unknown[] = [],
    options: CallOptions = {},
  ): Promise<AsyncResult<Result>> {
    return this.#send<Result>({ task: name, args, kwargs: options.kwargs ?? noKwargs, options })
  }

  /** The result of a call that was sent before, maybe by somebody else. */
  asyncResult<Result = unknown>(id: string): AsyncResult<Result> {
    return new AsyncResult<Result>(id, { session: this.results })
  }

  /** The opened result store. @throws {TaskError} `NO_RESULT_STORE`, `BAD_OPTION`, `CLOSED`. */
  get results(): ResultSession {
    this.#assertOpen()
    this.#results ??= this.#openResults()
    return this.#results
  }

  /** Whether results are kept at all. */
  get hasResults(): boolean {
    return this.settings.resultBackend !== null
  }

  /** Ends its connections. What is under way rejects. Idempotent. */
  async close(): Promise<void> {
    this.#isClosed = true
    await this.#results?.close()
    await this.connection.close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #call(
    task: RegisteredTask,
    args: readonly unknown[],
    options: CallOptions,
  ): Promise<AsyncResult<unknown>> {
    const merged = withTaskOptions(task.options, options)
    return this.#send({
      task: task.name,
      args,
      kwargs: options.kwargs ?? noKwargs,
      options: merged,
    })
  }

  async #send<Result>(call: RoutedCall): Promise<AsyncResult<Result>> {
    this.#assertOpen()
    if (this.settings.taskAlwaysEager) return await this.#sendEagerly<Result>(call)
    const destination = this.router.destinationOf(call)
    const task = outgoingTask(call, destination.options, this.#origin)
    const keeps = this.hasResults && task.ignoreResult !== true
    const results = keeps ? this.results : undefined
    const prepared = results?.prepare(task.id)
    if (prepared !== undefined) await prepared
    const replyTo = destination.options.replyTo ?? results?.replyTo ?? ''
    this.#sender ??= new TaskSender(this)
    await this.#sender.send({ task, destination, replyTo, keepsResult: keeps })
    const result = new AsyncResult<Result>(task.id, { session: results })
    currentTask()?.onChild?.(result.asTuple())
    return result
  }

  async #sendEagerly<Result>(call: RoutedCall): Promise<AsyncResult<Result>> {
    const task = this.registry.get(call.task)
    if (task === undefined) {
      throw new TaskError(
        'NOT_REGISTERED',
        `Cannot run "${call.task}" eagerly (taskAlwaysEager): no task of that name is registered in app "${this.name}"`,
      )
    }
    // The caller's claim of what the task returns.
    return (await eagerly(this.registry, task, call)) as AsyncResult<Result>
  }

  #openResults(): ResultSession {
    const { settings } = this
    const { resultBackend } = settings
    if (resultBackend === null) {
      throw new TaskError(
        'NO_RESULT_STORE',
        `App "${this.name}" keeps no results. Set "backend", e.g. backend: 'redis://' or backend: 'rpc://'`,
      )
    }
    return openStore(resultBackend, {
      connection: this.connection,
      codecs: this.connection.settings.codecs,
      serializer: settings.resultSerializer,
      accept: settings.resultAcceptContent ?? settings.acceptContent,
      expiresMs: settings.resultExpiresMs ?? undefined,
      persistent: settings.resultPersistent,
      operationTimeoutMs: this.connection.settings.operationTimeoutMs,
      onWarning: (error) => this.#warn(error),
    })
  }

  #warn(error: unknown): void {
    for (const listener of this.#warned) listener(error)
    if (this.#warned.length > 0) return
    const message = error instanceof Error ? error.message : String(error)
    process.emitWarning(message, { type: 'DashiWarning' })
  }

  #assertOpen(): void {
    if (this.#isClosed) throw new TaskError('CLOSED', `App "${this.name}" was closed`)
  }
}

const noKwargs: Readonly<Record<string, unknown>> = Object.freeze({})
