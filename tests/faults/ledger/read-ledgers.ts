import { readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { type LedgerEvent, parseLedger } from './ledger-event.ts'

/** What a ledger file is called, after the name of its process. */
const extension = '.ledger'

/** The path of a process's ledger. */
export function ledgerPath(folder: string, actor: string): string {
  return join(folder, actor + extension)
}

/** The events of all ledgers of a folder, in order of time. */
export function readLedgers(folder: string): readonly LedgerEvent[] {
  const files = readdirSync(folder).filter((file) => file.endsWith(extension))
  const events = files.flatMap((file) =>
    parseLedger(basename(file, extension), readFileSync(join(folder, file), 'utf8')),
  )
  return events.sort((one, other) => one.atMs - other.atMs)
}
