import type { LogLevel } from '../pool.ts'
import type { ThrownData } from './error-data.ts'
import type { JobData } from './job-data.ts'
import type { AppModule } from './load-app.ts'
import type { OutcomeData } from './outcome-data.ts'
import type { ValueData } from './value-data.ts'

/** What a pool tells a child. `run` numbers its runs, so that nothing reaches a later one. */
export type ToChild =
  | {
      readonly type: 'load'
      readonly app: AppModule
      /** Tell with each outcome how much memory is used. */
      readonly measuresMemory: boolean
    }
  | { readonly type: 'run'; readonly run: number; readonly job: JobData }
  | { readonly type: 'abort'; readonly run: number; readonly reason: ThrownData }
  | { readonly type: 'terminate'; readonly signal: NodeJS.Signals; readonly reason: ThrownData }
  | { readonly type: 'stop' }

/** What a child tells its pool. */
export type FromChild =
  | { readonly type: 'ready' }
  /** The app could not be loaded. */
  | { readonly type: 'failed'; readonly error: ThrownData }
  | {
      readonly type: 'state'
      readonly run: number
      readonly state: string
      readonly meta: ValueData
    }
  | { readonly type: 'child'; readonly run: number; readonly tuple: ValueData }
  | {
      readonly type: 'log'
      readonly run: number
      readonly level: LogLevel
      readonly message: string
      readonly fields: Readonly<Record<string, unknown>>
    }
  | {
      readonly type: 'outcome'
      readonly run: number
      readonly outcome: OutcomeData
      readonly memoryBytes: number | undefined
      /** The function goes on although its run has ended. */
      readonly isAbandoned: boolean
    }
  /** Nobody caught an error: it dies of it. */
  | { readonly type: 'lastWords'; readonly text: string }

const types: ReadonlySet<unknown> = new Set<FromChild['type']>([
  'ready',
  'failed',
  'state',
  'child',
  'log',
  'outcome',
  'lastWords',
])

/** Whether it is one of ours: a task may send messages of its own to its parent. */
export function isFromChild(message: unknown): message is FromChild {
  return (
    typeof message === 'object' && message !== null && 'type' in message && types.has(message.type)
  )
}
