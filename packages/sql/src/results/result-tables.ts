/** Celery's two tables on SQLite, exactly as SQLAlchemy creates them. */
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { ResultCommands, TaskRow } from './result-protocol.ts'

const ready = "('SUCCESS', 'FAILURE', 'REVOKED')"

/** Source: celery/backends/database/models.py, as created by SQLAlchemy 1.4 and 2.0. */
const tables = `
  CREATE TABLE IF NOT EXISTS celery_taskmeta (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    task_id VARCHAR(155),
    status VARCHAR(50),
    result BLOB,
    date_done DATETIME,
    traceback TEXT,
    name VARCHAR(155),
    args BLOB,
    kwargs BLOB,
    worker VARCHAR(155),
    retries INTEGER,
    queue VARCHAR(155),
    UNIQUE (task_id)
  );
  CREATE INDEX IF NOT EXISTS ix_celery_taskmeta_date_done ON celery_taskmeta (date_done);
  CREATE TABLE IF NOT EXISTS celery_tasksetmeta (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    taskset_id VARCHAR(155),
    result BLOB,
    date_done DATETIME,
    UNIQUE (taskset_id)
  );
  CREATE INDEX IF NOT EXISTS ix_celery_tasksetmeta_date_done ON celery_tasksetmeta (date_done);`

/** SUCCESS is final; what is ready gives way only to what is ready. */
const store = `
  INSERT INTO celery_taskmeta
    (task_id, status, result, date_done, traceback, name, args, kwargs, worker, retries, queue)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
  ON CONFLICT (task_id) DO UPDATE SET
    status = excluded.status, result = excluded.result, date_done = excluded.date_done,
    traceback = excluded.traceback, name = excluded.name, args = excluded.args,
    kwargs = excluded.kwargs, worker = excluded.worker, retries = excluded.retries,
    queue = excluded.queue
  WHERE celery_taskmeta.status <> 'SUCCESS'
    AND (celery_taskmeta.status NOT IN ${ready} OR excluded.status IN ${ready})`

type Handlers = {
  readonly [Verb in Exclude<keyof ResultCommands, 'watch' | 'unwatch'>]: (
    request: ResultCommands[Verb]['request'],
  ) => ResultCommands[Verb]['result']
}

/** Reads and writes rows. Each call belongs into a transaction. */
export class ResultTables implements Handlers {
  readonly #store: StatementSync
  readonly #load: StatementSync
  readonly #forget: StatementSync
  readonly #storeGroup: StatementSync
  readonly #loadGroup: StatementSync
  readonly #forgetGroup: StatementSync
  readonly #cleanup: readonly StatementSync[]

  /** Creates the tables where they are missing. Call inside a transaction. */
  constructor(database: DatabaseSync) {
    database.exec(tables)
    this.#store = database.prepare(store)
    this.#load = database.prepare('SELECT * FROM celery_taskmeta WHERE task_id = ?')
    this.#forget = database.prepare('DELETE FROM celery_taskmeta WHERE task_id = ?')
    this.#storeGroup = database.prepare(
      'INSERT OR REPLACE INTO celery_tasksetmeta (taskset_id, result, date_done) VALUES (?, ?, ?)',
    )
    this.#loadGroup = database.prepare('SELECT result FROM celery_tasksetmeta WHERE taskset_id = ?')
    this.#forgetGroup = database.prepare('DELETE FROM celery_tasksetmeta WHERE taskset_id = ?')
    this.#cleanup = ['celery_taskmeta', 'celery_tasksetmeta'].map((table) =>
      database.prepare(`DELETE FROM ${table} WHERE date_done < ?`),
    )
  }

  store(row: TaskRow): undefined {
    const { task_id, status, result, date_done, traceback } = row
    const { name, args, kwargs, worker, retries, queue } = row
    const extended = [name, args, kwargs, worker, retries, queue]
    this.#store.run(task_id, status, result, date_done, traceback, ...extended)
  }

  load(taskId: string): TaskRow | undefined {
    const row = this.#load.get(taskId)
    // The columns are those of the table.
    return row && ({ ...row } as unknown as TaskRow)
  }

  forget(taskId: string): undefined {
    this.#forget.run(taskId)
  }

  storeGroup({ id, result, date }: ResultCommands['storeGroup']['request']): undefined {
    this.#storeGroup.run(id, result, date)
  }

  loadGroup(groupId: string): Uint8Array | undefined {
    const result = this.#loadGroup.get(groupId)?.['result']
    return result instanceof Uint8Array ? result : undefined
  }

  forgetGroup(groupId: string): undefined {
    this.#forgetGroup.run(groupId)
  }

  cleanup(date: string): number {
    let count = 0
    for (const statement of this.#cleanup) count += Number(statement.run(date).changes)
    return count
  }
}
