/** A worker to be killed: two children, one of which waits and one blocks. Prints their pids when both do. */
import { ProcessPool } from '../process-pool.ts'
import { jobOf, suiteModule } from './pool-cases.ts'
import { app } from './suite-app.ts'

const pool = new ProcessPool({
  registry: app.registry,
  app: { url: suiteModule },
  size: 2,
  onWarning: (message) => process.stderr.write(`${message}\n`),
})
await pool.start()
const reports = {
  onStarted: () => undefined,
  onState: () => undefined,
  onChild: () => undefined,
  onLog: () => undefined,
}
void pool.run(jobOf('never', []), reports)
void pool.run(jobOf('block', [60_000]), reports)
setTimeout(() => process.stdout.write(`${JSON.stringify(pool.pids)}\n`), 300)
