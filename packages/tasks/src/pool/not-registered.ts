import { TaskError } from '../errors.ts'
import type { Job, JobOutcome } from './pool.ts'

/** The outcome of a job whose task is not known where it should run. */
export function notRegistered({ request }: Job): JobOutcome {
  const error = new TaskError('NOT_REGISTERED', `No task "${request.task}" is registered here`)
  return { kind: 'failure', error, traceback: undefined }
}
