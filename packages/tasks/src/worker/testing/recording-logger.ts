import type { TaskLogger } from '../../task/task-logger.ts'

/** A logger that keeps its lines, each with its level in front. */
export function recordingLogger(): TaskLogger & { readonly lines: readonly string[] } {
  const lines: string[] = []
  const at = (level: string) => (message: string) => lines.push(`${level} ${message}`)
  return { lines, debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') }
}
