/**
 * An exception as a result holds it. `exc_message` are the arguments of its constructor.
 *
 * Source: celery/backends/base.py, `Backend.prepare_exception()`.
 */
export interface EncodedException {
  readonly exc_type: string
  readonly exc_message: readonly unknown[]
  readonly exc_module: string | null
  /** What caused it. Ours; Python does not look at it. */
  readonly exc_cause?: EncodedException
}

/** Our classes, which do not exist in Python: readers there make a class of the same name. */
export const ownModule = 'dashi.tasks'
