/** Where log lines go. Pino and the console fit. */
export interface TaskLogger {
  debug(message: string, fields?: Readonly<Record<string, unknown>>): void
  info(message: string, fields?: Readonly<Record<string, unknown>>): void
  warn(message: string, fields?: Readonly<Record<string, unknown>>): void
  error(message: string, fields?: Readonly<Record<string, unknown>>): void
  /** Whether lines of a level (`debug`, `info`, `warn`, `error`) are written at all: others are not even made. Default: they are. */
  isLevelEnabled?(level: string): boolean
}
