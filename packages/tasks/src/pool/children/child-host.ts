import type { FromChild, ToChild } from './child-messages.ts'

/** A child as its pool sees it, process or thread. */
export interface ChildHost {
  /** Of the process that it is, or is in. */
  readonly pid: number
  /** For messages: `Child process 4711`, `Thread 3`. */
  readonly label: string
  /** @throws what cannot be cloned. */
  post(message: ToChild): void
  /** Sends a signal; a thread has none, and is ended. */
  signal(signal: NodeJS.Signals): void
  /** Ends it without asking. */
  kill(): void
}

/** What a child tells. */
export interface ChildListener {
  onMessage(message: FromChild): void
  /** Once, when it is gone and everything that it said was heard. @param how `exited with code 3`, `was killed by SIGKILL`. */
  onExit(how: string): void
}

/** Makes a child. */
export type MakeChild = (listener: ChildListener) => ChildHost
