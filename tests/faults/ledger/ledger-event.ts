/** What happened, as one line of a ledger: `<code> <milliseconds> <word> …`. */

/**
 * What the codes mean, and the words after the time.
 *
 * | code | written by | words | moment |
 * | --- | --- | --- | --- |
 * | `P` | publisher | id, `sound` or `poison` | before the publish call |
 * | `C` `X` `U` | publisher | id; of the last two also why | confirmed, definitely refused, outcome unknown |
 * | `D` | consumer | id, serial, epoch, redelivered (0 or 1) | handler start |
 * | `H` | consumer | id, serial | side effect done |
 * | `A` `a` | consumer | id, serial | acknowledgement sent; known to the broker |
 * | `R` | consumer | id, serial | requeued by the handler's wish |
 * | `M` | consumer | id, serial | the body is not the one that was published |
 * | `L` | consumer | epoch, code of the error | its connection ended: what it held is no longer its own |
 * | `F` | injector | kind, target, `begin` or `end` | a fault |
 * | `G` | every process | RSS in MiB, messages in flight, delay of the event loop in ms | every second |
 * | `W` `E` | every process | text | a warning; an error that should not be |
 */
const codes = ['P', 'C', 'X', 'U', 'D', 'H', 'A', 'a', 'R', 'M', 'L', 'F', 'G', 'W', 'E'] as const

export type LedgerCode = (typeof codes)[number]

/** One line of one process's ledger. */
export interface LedgerEvent {
  /** The process that wrote it. */
  readonly actor: string
  readonly code: LedgerCode
  /** CLOCK_MONOTONIC, which all processes of a machine share. */
  readonly atMs: number
  readonly words: readonly string[]
}

/** The clock of ledgers. Python's `time.monotonic()` is the same one. */
export function nowMs(): number {
  return Number(process.hrtime.bigint() / 1_000n) / 1_000
}

/** The line of an event, with its end. */
export function ledgerLine(
  code: LedgerCode,
  atMs: number,
  words: readonly (string | number)[],
): string {
  return `${[code, atMs.toFixed(3), ...words].join(' ')}\n`
}

/**
 * Reads a whole ledger. A last line without an end was cut off with its process and tells nothing.
 *
 * @throws {Error} a line is not one of ours.
 */
export function parseLedger(actor: string, text: string): readonly LedgerEvent[] {
  const lines = text.split('\n')
  lines.pop()
  return lines.map((line) => parseLine(actor, line))
}

function parseLine(actor: string, line: string): LedgerEvent {
  const [word, time, ...words] = line.split(' ')
  const code = codes.find((known) => known === word)
  const atMs = Number(time)
  if (code === undefined || !Number.isFinite(atMs)) {
    throw new Error(`The ledger of ${actor} has a line that means nothing: ${JSON.stringify(line)}`)
  }
  return { actor, code, atMs, words }
}
