/** What every process under test has in common: commands on its stdin, answers on its stdout, gauges in its ledger. */
import { flushCompileCache } from 'node:module'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { createInterface } from 'node:readline'
import type { LedgerWriter } from '../ledger/ledger-writer.ts'

/** What a process does when it is told. */
export interface ActorParts {
  readonly ledger: LedgerWriter
  /** Begins its work. */
  go(): Promise<void>
  /** Ends it in order: nothing unfinished is left. The process exits afterwards. */
  stop(): Promise<void>
  /** Ends it in a hurry: what is unfinished is given back. */
  close?(): Promise<void>
  /** Messages that it is working on. */
  inFlight(): number
}

/** Obeys until told to stop. Ends at once when whoever started it is gone. */
export function liveAsActor(parts: ActorParts): void {
  const lines = createInterface(process.stdin)
  const commands: Readonly<Record<string, () => Promise<void>>> = {
    go: parts.go,
    stop: () => exitAfter(parts.stop()),
    close: () => exitAfter(parts.close?.()),
  }
  // One after the other: what has only begun cannot be stopped.
  let done = Promise.resolve()
  lines.on('line', (line) => {
    done = done.then(commands[line]).catch((error: unknown) => fail(parts.ledger, error))
  })
  lines.on('close', () => process.exit(3))
  reportGauges(parts)
  // Written now, because a process that is killed cannot: those after it start in a third of the time.
  flushCompileCache()
  announce('ready')
}

async function exitAfter(end: Promise<void> | undefined): Promise<void> {
  await end
  process.exit(0)
}

/** Tells whoever started this process. */
export function announce(fact: string): void {
  process.stdout.write(`${fact}\n`)
}

/** One line of text, whatever it was. */
export function oneLine(value: unknown): string {
  const text = value instanceof Error ? `${value.name}: ${value.message}` : String(value)
  return text.replaceAll(/\s+/g, ' ')
}

function fail(ledger: LedgerWriter, error: unknown): void {
  ledger.write('E', oneLine(error))
  process.exit(4)
}

function reportGauges({ ledger, inFlight }: ActorParts): void {
  const delay = monitorEventLoopDelay()
  delay.enable()
  const report = () => {
    const rssMebibytes = Math.round(process.memoryUsage.rss() / 2 ** 20)
    ledger.write('G', rssMebibytes, inFlight(), Math.round(delay.max / 1e6))
    delay.reset()
  }
  setInterval(report, 1_000).unref()
}
