/** A mistake: a module that exports the app and starts its worker. Children would start workers without end. */
import { App } from '../../app/app.ts'
import { makePool } from '../make-pool.ts'

export const app: App = new App('starting', { broker: 'memory://' })
await makePool(app, { pool: 'processes', appModule: { url: import.meta.url } }, 1).start()
