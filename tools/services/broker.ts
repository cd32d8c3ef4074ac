import type { ProcessRecord } from './process.ts'

/** Environment variables by name. */
export type Environment = Readonly<Record<string, string>>

/** Something that tests need and that runs outside of them. One file in `tools/brokers/` each. */
export interface Broker {
  readonly name: string
  /** The environment variables by which tests learn where it is. */
  readonly variables: readonly string[]
  /** Whether it answers at the places that its variables name. */
  isUp(environment: Environment): Promise<boolean>
  /**
   * Starts it, in the background, with no data.
   *
   * @throws {UnavailableError} when this machine cannot have it.
   */
  start(): Promise<StartedBroker>
}

/** What must be remembered to use a broker and to stop it again. */
export interface StartedBroker {
  readonly environment: Environment
  /** Leaders of process groups, in the order in which they are stopped. */
  readonly processes: readonly ProcessRecord[]
  /** Its data, configuration and logs; removed when it is stopped. */
  readonly folders: readonly string[]
  /** The service of `compose.yaml` that runs it, if one does. */
  readonly composeService?: string
}

/** This machine cannot have a broker; the message says what was tried. */
export class UnavailableError extends Error {
  override readonly name = 'UnavailableError'
}
