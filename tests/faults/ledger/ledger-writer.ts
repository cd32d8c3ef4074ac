import { closeSync, openSync, writeSync } from 'node:fs'
import { type LedgerCode, ledgerLine, nowMs } from './ledger-event.ts'

/**
 * The ledger of one process: a file to which one short line is appended per event, with one write each.
 *
 * What was written survives SIGKILL, because the bytes are with the kernel.
 */
export class LedgerWriter {
  readonly #file: number

  constructor(path: string) {
    this.#file = openSync(path, 'a')
  }

  /** Appends an event that happens now. @returns when, on the clock of ledgers. */
  write(code: LedgerCode, ...words: readonly (string | number)[]): number {
    const atMs = nowMs()
    writeSync(this.#file, ledgerLine(code, atMs, words))
    return atMs
  }

  close(): void {
    closeSync(this.#file)
  }
}
