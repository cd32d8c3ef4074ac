/** Entry of the thread that owns a database connection. */
import { parentPort, workerData } from 'node:worker_threads'
import { DatabaseService } from './database-service.ts'
import { failureOf } from './thread-protocol.ts'

if (parentPort) {
  try {
    new DatabaseService(parentPort, workerData)
  } catch (error) {
    parentPort.postMessage({ kind: 'ended', failure: failureOf(error) })
    parentPort.close()
  }
}
