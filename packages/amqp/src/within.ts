import type { OperationOptions } from '@dashi/messaging/transport'

/** The promise, or `signal.reason` if that comes first. What was begun may still happen. */
export async function within<T>(promise: Promise<T>, options: OperationOptions): Promise<T> {
  const { signal } = options
  if (signal === undefined) return await promise
  signal.throwIfAborted()
  const cut = Promise.withResolvers<never>()
  const abort = () => cut.reject(signal.reason)
  signal.addEventListener('abort', abort, { once: true })
  try {
    return await Promise.race([promise, cut.promise])
  } finally {
    signal.removeEventListener('abort', abort)
  }
}
