import type { TaskLogger } from '../task/task-logger.ts'

type Level = 'DEBUG' | 'INFO' | 'WARNING' | 'ERROR'
const levels: readonly Level[] = ['DEBUG', 'INFO', 'WARNING', 'ERROR']

/** Options of {@link consoleLogger}. */
export interface ConsoleLoggerOptions {
  /** Least level that is written. Default `INFO`. */
  readonly level?: Level
  /** Default: standard error. */
  readonly write?: (line: string) => void
}

/** Writes lines as Celery's worker does: `[2026-11-22 04:39:16,423: INFO/MainProcess] Task …`. */
export function consoleLogger(options: ConsoleLoggerOptions = {}): TaskLogger {
  const { level = 'INFO', write = (line) => process.stderr.write(line) } = options
  const least = levels.indexOf(level)
  const at = (line: Level) => (message: string) => {
    if (levels.indexOf(line) >= least) write(`[${timestamp()}: ${line}/MainProcess] ${message}\n`)
  }
  return {
    debug: at('DEBUG'),
    info: at('INFO'),
    warn: at('WARNING'),
    error: at('ERROR'),
    isLevelEnabled: (name) => levels.indexOf(levelOf(name)) >= levels.indexOf(level),
  }
}

function levelOf(name: string): Level {
  return name === 'warn' ? 'WARNING' : (levels.find((one) => one === name.toUpperCase()) ?? 'ERROR')
}

function timestamp(): string {
  const now = new Date()
  const local = new Date(now.getTime() - now.getTimezoneOffset() * 60_000).toISOString()
  return local.slice(0, 23).replace('T', ' ').replace('.', ',')
}
