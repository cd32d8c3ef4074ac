/** A Python program that calls tasks: the commands of `peers/celery_client.py`, with their types. */
import { type Peer, startPeer } from '../peer.ts'

/** Where tasks and results go. */
export interface CeleryUrls {
  readonly broker: string
  readonly backend: string
}

/** A call, in Celery's own words: times are seconds. */
export interface CeleryCall extends CeleryUrls {
  readonly task: string
  readonly args?: readonly unknown[]
  readonly kwargs?: Readonly<Record<string, unknown>>
  readonly options?: Readonly<Record<string, unknown>>
}

/** How it ended, for a Python caller. */
export type CeleryOutcome =
  | { readonly state: 'SUCCESS'; readonly value: unknown }
  | {
      readonly state: string
      readonly type: string
      readonly module: string
      readonly args: readonly unknown[]
    }

type CeleryCommands = {
  readonly send: { readonly arguments: CeleryCall; readonly result: string }
  readonly get: {
    readonly arguments: CeleryUrls & { readonly result: string; readonly timeout?: number }
    readonly result: CeleryOutcome
  }
}

/** A running Celery client. */
export type CeleryClient = Peer<CeleryCommands>

/** Starts one with the given interpreter. */
export function startCeleryClient(python: string): Promise<CeleryClient> {
  return startPeer<CeleryCommands>({ python, program: 'celery_client.py' })
}
