import type { TaskRegistry } from './registered-task.ts'

/** Tells an app from anything else that a module may export, whichever copy of the package it is made of. */
export const appBrand: unique symbol = Symbol.for('@dashi/tasks/app')

/** As much of an app as running its tasks needs. */
export interface BrandedApp {
  readonly [appBrand]: true
  readonly registry: TaskRegistry
  /** Ends its connections; called before a child ends. */
  close?(): Promise<void>
}

/** Whether a value is an app, of this copy of the package or another. */
export function isApp(value: unknown): value is BrandedApp {
  return typeof value === 'object' && value !== null && appBrand in value
}
