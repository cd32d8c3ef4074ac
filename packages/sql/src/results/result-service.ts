import type { MessagePort } from 'node:worker_threads'
import { SqliteConnection } from '../sqlite/connection.ts'
import { failureOf } from '../sqlite/thread-protocol.ts'
import { WalWatch } from '../sqlite/wal-watch.ts'
import type {
  ResultCommand,
  ResultThreadReply,
  ResultThreadRequest,
  ResultThreadSettings,
  TaskRow,
} from './result-protocol.ts'
import { ResultTables } from './result-tables.ts'

const readOnly: ReadonlySet<ResultCommand['verb']> = new Set([
  'load',
  'loadGroup',
  'watch',
  'unwatch',
])

/** The thread's side of a result session: owns the connection, carries out commands, tells of changes. */
export class ResultService {
  readonly #port: MessagePort
  readonly #connection: SqliteConnection
  readonly #tables: ResultTables
  readonly #watch: WalWatch
  /** By task, the row that was told last. */
  readonly #watched = new Map<string, TaskRow | undefined>()
  #isWatching = false

  constructor(port: MessagePort, settings: ResultThreadSettings) {
    this.#port = port
    this.#connection = new SqliteConnection(settings)
    const { database } = this.#connection
    this.#tables = this.#connection.write(false, () => new ResultTables(database))
    this.#watch = new WalWatch({
      path: settings.path,
      pollIntervalMs: settings.pollIntervalMs,
      dataVersion: () => this.#connection.dataVersion(),
      onChange: () => this.#tellChanges(),
      onUnannounced: (reason) => this.#post({ kind: 'unannounced', reason }),
    })
    port.on('message', (request: ResultThreadRequest) => this.#receive(request))
  }

  #receive(request: ResultThreadRequest): void {
    if (request.kind === 'close') {
      this.#close()
      return
    }
    try {
      const results = this.#execute(request.commands)
      this.#post({ kind: 'executed', results })
    } catch (error) {
      this.#post({ kind: 'failed', failure: failureOf(error) })
    }
    this.#tellChanges()
    this.#watchOrNot()
  }

  #execute(commands: readonly ResultCommand[]): readonly unknown[] {
    const work = () => commands.map((command) => this.#carryOut(command))
    if (commands.every(({ verb }) => readOnly.has(verb))) return this.#connection.read(work)
    return this.#connection.write(true, work)
  }

  #carryOut(command: ResultCommand): unknown {
    switch (command.verb) {
      case 'watch': {
        const row = this.#tables.load(command.request)
        this.#watched.set(command.request, row)
        return row
      }
      case 'unwatch':
        return this.#watched.delete(command.request)
      case 'storeGroup':
        return this.#tables.storeGroup(command.request)
      case 'store':
        return this.#tables.store(command.request)
      default:
        return this.#tables[command.verb](command.request)
    }
  }

  /** Also after its own commits, which the watch does not see. */
  #tellChanges(): void {
    if (this.#watched.size === 0) return
    try {
      const rows = this.#connection.read(() => this.#changedRows())
      if (rows.length > 0) this.#post({ kind: 'changed', rows })
    } catch (error) {
      // The next look may see it; a file that is gone ends the session.
      this.#post({ kind: 'ended', failure: failureOf(error) })
      this.#close()
    }
  }

  #changedRows(): readonly TaskRow[] {
    const changed: TaskRow[] = []
    for (const [taskId, told] of this.#watched) {
      const row = this.#tables.load(taskId)
      if (row === undefined || isSame(row, told)) continue
      this.#watched.set(taskId, row)
      changed.push(row)
    }
    return changed
  }

  #watchOrNot(): void {
    const isWanted = this.#watched.size > 0
    if (isWanted === this.#isWatching) return
    this.#isWatching = isWanted
    if (isWanted) this.#watch.start()
    else this.#watch.stop()
  }

  #close(): void {
    this.#watch.close()
    this.#connection.close()
    this.#post({ kind: 'ended', failure: undefined })
    this.#port.close()
  }

  #post(reply: ResultThreadReply): void {
    this.#port.postMessage(reply)
  }
}

function isSame(row: TaskRow, told: TaskRow | undefined): boolean {
  if (told === undefined || row.status !== told.status || row.date_done !== told.date_done) {
    return false
  }
  if (row.result === null || told.result === null) return row.result === told.result
  return Buffer.compare(row.result, told.result) === 0
}
