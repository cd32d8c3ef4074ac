/** A Celery application in Python, on the other end of tests. */
import type { ResultTuple } from '@dashi/tasks'
import { type Peer, startPeer } from './peer.ts'

interface Command<Arguments extends object, Result> {
  readonly arguments: Arguments
  readonly result: Result
}

/** A result as Python sees it. */
export interface PythonResult {
  readonly state: string
  readonly result: unknown
  readonly traceback: string | null
  readonly children: readonly ResultTuple[] | null
  readonly date_done: string | null
  readonly name: string | null
  readonly args: unknown
  readonly kwargs: unknown
  readonly worker: string | null
  readonly retries: number | null
  readonly queue: string | null
}

/** What to store. `source` is evaluated in Python. */
export interface StoreArguments {
  readonly backend: string
  readonly broker?: string
  readonly task_id: string
  readonly state: string
  readonly result?: unknown
  readonly source?: string
  readonly traceback?: string
  readonly request?: object
}

/** What the program can be told to do. */
export type CeleryCommands = {
  repr_args: Command<{ readonly bodies: readonly string[] }, readonly string[]>
  repr_values: Command<
    { readonly bodies: readonly string[]; readonly length: number },
    readonly string[]
  >
  read_dates: Command<{ readonly texts: readonly string[] }, readonly (number | null)[]>
  store: Command<StoreArguments, null>
  read: Command<{ readonly backend: string; readonly task_id: string }, PythonResult>
  get: Command<
    {
      readonly backend: string
      readonly broker?: string
      readonly task_id: string
      readonly timeout: number
    },
    { readonly value?: unknown; readonly raised?: unknown }
  >
  expect: Command<
    { readonly backend: string; readonly broker: string; readonly task_id: string },
    string
  >
  save_group: Command<
    { readonly backend: string; readonly group_id: string; readonly children: readonly string[] },
    null
  >
  restore_group: Command<
    { readonly backend: string; readonly group_id: string },
    { readonly type: string; readonly tuple: ResultTuple } | null
  >
}

/** Starts it. */
export function startCelery(python: string): Promise<Peer<CeleryCommands>> {
  return startPeer<CeleryCommands>({ python, program: 'celery_peer.py' })
}
