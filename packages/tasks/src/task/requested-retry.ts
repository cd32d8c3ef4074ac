import { Retry } from '../errors.ts'
import type { RetryRequest } from '../pool/pool.ts'

/** What `task.retry()` returns: a `Retry` that knows all that was asked for. */
export class RequestedRetry extends Retry {
  readonly request: RetryRequest

  constructor(request: RetryRequest) {
    super(request.reason, request.etaMs)
    this.request = request
  }
}
