import type { MessageProperties } from '@dashi/messaging'
import type { RequestTimes } from './check-request.ts'
import { argsRepr, pythonRepr } from './python-repr.ts'
import type { RequestParts } from './request-parts.ts'
import { noEmbed, type TaskEmbed, type TaskRequest, type TimeLimits } from './task-request.ts'

/** What a request that came as a message reads from. */
export interface MessageRequestParts {
  readonly parts: RequestParts
  readonly times: RequestTimes
  readonly properties: MessageProperties
}

const noLimits: TimeLimits = Object.freeze({ hard: undefined, soft: undefined })
const nothing: Readonly<Record<string, unknown>> = Object.freeze({})

/** Headers that are the protocol's, not the sender's additions. */
const protocolHeaders: ReadonlySet<string> = new Set([
  'lang',
  'task',
  'id',
  'shadow',
  'eta',
  'expires',
  'group',
  'group_index',
  'retries',
  'timelimit',
  'root_id',
  'parent_id',
  'argsrepr',
  'kwargsrepr',
  'origin',
  'ignore_result',
  'replaced_task_nesting',
  'stamped_headers',
  'stamps',
  'compression',
])

/** A request that was checked. Each property is read from the message when it is asked for. */
export class MessageRequest implements TaskRequest {
  readonly #parts: RequestParts
  readonly #fields: Readonly<Record<string, unknown>>
  readonly #properties: MessageProperties
  readonly etaMs: number | undefined
  readonly expiresMs: number | undefined

  constructor({ parts, times, properties }: MessageRequestParts) {
    this.#parts = parts
    this.#fields = parts.fields
    this.#properties = properties
    this.etaMs = times.etaMs
    this.expiresMs = times.expiresMs
  }

  get id(): string {
    return this.#fields['id'] as string // Checked, as all that follow without a word.
  }

  get task(): string {
    return this.#fields['task'] as string
  }

  get args(): readonly unknown[] {
    return this.#parts.args as readonly unknown[]
  }

  get kwargs(): Readonly<Record<string, unknown>> {
    return this.#parts.kwargs as Readonly<Record<string, unknown>>
  }

  get embed(): TaskEmbed {
    const embed = this.#parts.embed as Partial<TaskEmbed> | null | undefined
    if (!embed) return noEmbed
    const { callbacks = null, errbacks = null, chain = null, chord = null } = embed
    return { callbacks, errbacks, chain, chord }
  }

  get retries(): number {
    return (this.#fields['retries'] as number | null | undefined) ?? 0
  }

  get timeLimitMs(): TimeLimits {
    const seconds = this.#fields['timelimit'] as readonly (number | null)[] | null | undefined
    if (!seconds?.some(Boolean)) return noLimits
    const [hard, soft] = seconds.map(limitMs)
    return { hard, soft }
  }

  get rootId(): string {
    return this.#text('root_id') ?? this.id
  }

  get parentId(): string | undefined {
    return this.#text('parent_id')
  }

  get groupId(): string | undefined {
    return this.#text('group')
  }

  get groupIndex(): number | undefined {
    return (this.#fields['group_index'] as number | null | undefined) ?? undefined
  }

  get shadow(): string | undefined {
    return this.#text('shadow')
  }

  get argsrepr(): string {
    return this.#text('argsrepr') ?? argsRepr(this.args)
  }

  get kwargsrepr(): string {
    return this.#text('kwargsrepr') ?? pythonRepr(this.kwargs)
  }

  get origin(): string | undefined {
    return this.#text('origin')
  }

  get lang(): string | undefined {
    return this.#text('lang')
  }

  get ignoreResult(): boolean | undefined {
    const ignore = this.#fields['ignore_result']
    return ignore === null || ignore === undefined ? undefined : Boolean(ignore)
  }

  get replacedTaskNesting(): number {
    const nesting = this.#fields['replaced_task_nesting']
    return typeof nesting === 'number' ? nesting : 0
  }

  get stampedHeaders(): readonly string[] {
    const names = this.#fields['stamped_headers']
    return Array.isArray(names) ? names.filter((name) => typeof name === 'string') : []
  }

  get stamps(): Readonly<Record<string, unknown>> {
    const stamps = this.#fields['stamps']
    return typeof stamps === 'object' && stamps !== null
      ? (stamps as Readonly<Record<string, unknown>>) // An object has keys.
      : nothing
  }

  get headers(): Readonly<Record<string, unknown>> {
    const { headers } = this.#parts
    const added: Record<string, unknown> = {}
    for (const name of Object.keys(headers)) {
      if (!protocolHeaders.has(name)) added[name] = headers[name]
    }
    return added
  }

  get replyTo(): string {
    return this.#properties.replyTo ?? ''
  }

  get correlationId(): string {
    return this.#properties.correlationId ?? this.id
  }

  get protocol(): 1 | 2 {
    return this.#parts.protocol
  }

  /** Empty is as good as unset. */
  #text(name: string): string | undefined {
    const value = this.#fields[name]
    return typeof value === 'string' && value !== '' ? value : undefined
  }
}

/** Whole milliseconds. 0 is no limit: Celery takes the task's then. */
function limitMs(seconds: number | null): number | undefined {
  return seconds ? Math.max(1, Math.round(seconds * 1000)) : undefined
}
