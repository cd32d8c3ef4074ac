/** Tables on SQLite: Kombu's two, exactly as SQLAlchemy creates them, and ours beside them. */
import type { DatabaseSync } from 'node:sqlite'
import type { TableNames } from '../table-names.ts'
import { ForeignSchemaError } from './foreign-schema-error.ts'

/** Raised when tables of ours change incompatibly. */
const schemaVersion = 1

const queueColumns = ['id', 'name']
const messageColumns = ['id', 'visible', 'timestamp', 'payload', 'version', 'queue_id']

/**
 * Creates what is missing. Call inside a transaction.
 *
 * @throws {ForeignSchemaError} a table of that name is not Kombu's, or a newer Dashi wrote the file.
 */
export function createSchema(database: DatabaseSync, names: TableNames): void {
  database.exec(kombuTables(names))
  requireColumns(database, names.queue, queueColumns)
  requireColumns(database, names.message, messageColumns)
  database.exec(kombuIndexes(names))
  database.exec(ownTables(names))
  requireVersion(database, names)
}

/** Source: kombu/transport/sqlalchemy/models.py, as created by SQLAlchemy 1.4 and 2.1. */
function kombuTables(names: TableNames): string {
  return `
    CREATE TABLE IF NOT EXISTS ${names.queue} (
      id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
      name VARCHAR(200),
      UNIQUE (name)
    );
    CREATE TABLE IF NOT EXISTS ${names.message} (
      id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
      visible BOOLEAN,
      timestamp DATETIME,
      payload TEXT NOT NULL,
      version SMALLINT NOT NULL,
      queue_id INTEGER,
      CONSTRAINT "FK_kombu_message_queue" FOREIGN KEY(queue_id) REFERENCES ${names.queue} (id)
    );`
}

/** The last one has the same name for every message table: Kombu's, so only the first table gets it. */
function kombuIndexes(names: TableNames): string {
  const table = names.message.slice(1, -1)
  return `
    CREATE INDEX IF NOT EXISTS "ix_${table}_visible" ON ${names.message} (visible);
    CREATE INDEX IF NOT EXISTS "ix_${table}_timestamp" ON ${names.message} (timestamp);
    CREATE INDEX IF NOT EXISTS ix_kombu_message_timestamp_id ON ${names.message} (timestamp, id);`
}

function ownTables(names: TableNames): string {
  return `
    CREATE INDEX IF NOT EXISTS ${names.messageIndex}
      ON ${names.message} (queue_id, timestamp, id) WHERE visible = 1;
    CREATE TABLE IF NOT EXISTS ${names.holder} (
      id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
      expires_at_ms INTEGER NOT NULL,
      lease_ms INTEGER NOT NULL
    );
    CREATE TABLE IF NOT EXISTS ${names.lease} (
      message_id INTEGER NOT NULL PRIMARY KEY,
      holder_id INTEGER NOT NULL,
      version INTEGER NOT NULL,
      priority INTEGER NOT NULL
    );
    CREATE TABLE IF NOT EXISTS ${names.priority} (
      queue_id INTEGER NOT NULL,
      rank INTEGER NOT NULL,
      message_id INTEGER NOT NULL,
      PRIMARY KEY (queue_id, rank, message_id)
    ) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS ${names.queueOption} (
      queue_id INTEGER NOT NULL PRIMARY KEY,
      holder_id INTEGER,
      expires_ms INTEGER,
      used_at_ms INTEGER
    );
    CREATE TABLE IF NOT EXISTS ${names.consumer} (
      queue TEXT NOT NULL,
      holder_id INTEGER NOT NULL,
      PRIMARY KEY (queue, holder_id)
    ) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS ${names.exchange} (
      name TEXT NOT NULL PRIMARY KEY,
      type TEXT NOT NULL
    ) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS ${names.binding} (
      exchange TEXT NOT NULL,
      queue TEXT NOT NULL,
      routing_key TEXT NOT NULL,
      arguments TEXT NOT NULL,
      exchange_type TEXT NOT NULL,
      PRIMARY KEY (exchange, queue, routing_key, arguments)
    ) WITHOUT ROWID;
    CREATE INDEX IF NOT EXISTS ${names.queueIndex} ON ${names.binding} (queue);
    CREATE TABLE IF NOT EXISTS ${names.item} (
      id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
      queue TEXT NOT NULL,
      priority REAL NOT NULL,
      item NOT NULL
    );
    CREATE INDEX IF NOT EXISTS ${names.itemIndex} ON ${names.item} (queue, priority DESC, id);
    CREATE TABLE IF NOT EXISTS ${names.state} (
      schema_version INTEGER NOT NULL,
      binding_version INTEGER NOT NULL
    );`
}

function requireColumns(database: DatabaseSync, table: string, wanted: readonly string[]): void {
  const found = database
    .prepare(`PRAGMA table_info(${table})`)
    .all()
    .map((row) => String(row['name']))
  const missing = wanted.filter((column) => !found.includes(column))
  if (missing.length === 0) return
  throw new ForeignSchemaError(
    `table ${table} is not Kombu's: it has the columns ${found.join(', ')} and lacks ${missing.join(', ')}. ` +
      'Choose other names with `queueTablename` and `messageTablename`, or another file',
  )
}

function requireVersion(database: DatabaseSync, names: TableNames): void {
  const row = database.prepare(`SELECT schema_version FROM ${names.state}`).get()
  if (row === undefined) {
    database.exec(`INSERT INTO ${names.state} VALUES (${schemaVersion}, 0)`)
  } else if (Number(row['schema_version']) > schemaVersion) {
    throw new ForeignSchemaError(
      `its tables have version ${row['schema_version']}, written by a newer @dashi/sql; this one knows ${schemaVersion}. ` +
        'Update this process',
    )
  }
}
