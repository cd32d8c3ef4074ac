/** Entry of the thread that owns a result session's connection. */
import { parentPort, workerData } from 'node:worker_threads'
import { failureOf } from '../sqlite/thread-protocol.ts'
import { ResultService } from './result-service.ts'

if (parentPort) {
  try {
    new ResultService(parentPort, workerData)
  } catch (error) {
    parentPort.postMessage({ kind: 'ended', failure: failureOf(error) })
    parentPort.close()
  }
}
