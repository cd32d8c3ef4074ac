import type { ErrorClass } from '../../task/task-options.ts'
import type { JobOutcome, RetryRequest } from '../pool.ts'
import { type ThrownData, thrownData, thrownFromData } from './error-data.ts'
import { type ValueData, valueData, valueFromData } from './value-data.ts'

/** An outcome as plain data. */
export type OutcomeData =
  | { readonly kind: 'success'; readonly value: ValueData }
  | { readonly kind: 'failure'; readonly error: ThrownData; readonly traceback: string | undefined }
  | { readonly kind: 'retry'; readonly retry: RetryData }
  | Exclude<JobOutcome, { readonly kind: 'success' | 'failure' | 'retry' }>

interface RetryData {
  readonly etaMs: number | undefined
  readonly traceback: string | undefined
  readonly reason: ThrownData
  /** `[args, kwargs, options]` */
  readonly call: ValueData
}

/** An outcome, to be posted. */
export function outcomeData(outcome: JobOutcome): OutcomeData {
  switch (outcome.kind) {
    case 'success':
      return { kind: 'success', value: valueData(outcome.value) }
    case 'failure': {
      const { error, traceback } = outcome
      return { kind: 'failure', error: thrownData(error), traceback }
    }
    case 'retry':
      return { kind: 'retry', retry: retryData(outcome.retry) }
    default:
      return outcome
  }
}

/** The outcome again. @param known See `thrownFromData()`. */
export function outcomeFromData(data: OutcomeData, known: readonly ErrorClass[]): JobOutcome {
  switch (data.kind) {
    case 'success':
      return { kind: 'success', value: valueFromData(data.value) }
    case 'failure': {
      const { error, traceback } = data
      return { kind: 'failure', error: thrownFromData(error, known), traceback }
    }
    case 'retry':
      return { kind: 'retry', retry: retryFromData(data.retry, known) }
    default:
      return data
  }
}

function retryData({ args, kwargs, options, etaMs, reason, traceback }: RetryRequest): RetryData {
  return { etaMs, traceback, reason: thrownData(reason), call: valueData([args, kwargs, options]) }
}

function retryFromData(data: RetryData, known: readonly ErrorClass[]): RetryRequest {
  const { etaMs, traceback, reason, call } = data
  // Made by retryData().
  const [args, kwargs, options] = valueFromData(call) as [
    RetryRequest['args'],
    RetryRequest['kwargs'],
    RetryRequest['options'],
  ]
  return { args, kwargs, options, etaMs, traceback, reason: thrownFromData(reason, known) }
}
