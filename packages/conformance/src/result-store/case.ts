import type { ResultStoreSetup } from './setup.ts'
import type { StoreStage } from './store-stage.ts'

/** One thing that must hold of a result store. */
export interface StoreCase {
  readonly name: string
  run(stage: StoreStage): Promise<void>
}

/** The cases of one theme. */
export interface StoreCaseGroup {
  readonly name: string
  /** Those that fit a store: never none. */
  cases(setup: ResultStoreSetup): readonly StoreCase[]
}

/** A case. */
export function storeCase(name: string, run: StoreCase['run']): StoreCase {
  return { name, run }
}
