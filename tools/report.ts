/**
 * Prints what a check found and sets the exit code of the process: 0 when it found nothing.
 *
 * @param errors One line each: which file, what is wrong, what would be right.
 */
export function reportAndExit(check: string, errors: readonly string[]): void {
  if (errors.length === 0) {
    console.log(`${check}: nothing to report`)
    return
  }
  for (const error of errors) console.error(error)
  console.error(`${check}: ${errors.length} ${errors.length === 1 ? 'error' : 'errors'}`)
  process.exitCode = 1
}
