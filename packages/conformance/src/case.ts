/** Things that must hold, as data: run by any runner, counted, or run against a broken store to see them fail. */
import type { Capabilities } from '@dashi/messaging'
import type { TransportSetup } from './setup.ts'
import type { Stage } from './stage/stage.ts'

/** One thing that must hold. */
export interface Case {
  readonly name: string
  /** Whether it belongs to what a first version of a transport must do. */
  readonly isCore: boolean
  readonly timeoutMs: number
  run(stage: Stage): Promise<void>
}

/** The transport that cases are chosen for. */
export interface Subject {
  readonly setup: TransportSetup
  readonly capabilities: Capabilities
}

/** The cases of one verb. */
export interface CaseGroup {
  readonly name: string
  /** One case for each answer that a capability can give: never none. */
  cases(subject: Subject): readonly Case[]
}

const defaultTimeoutMs = 20_000

/** A case that every transport passes from its first day. */
export function core(name: string, run: Case['run']): Case {
  return { name, isCore: true, timeoutMs: defaultTimeoutMs, run }
}

/** A case of the whole suite. */
export function full(name: string, run: Case['run'], timeoutMs: number = defaultTimeoutMs): Case {
  return { name, isCore: false, timeoutMs, run }
}
