/** Commands that run scripts. */
import { ReplyError } from './client-errors.ts'
import type { Script } from './script.ts'

/** A word of a command. */
export type Argument = string | Buffer

/** A script by its digest. */
export function byDigest(
  script: Script,
  keys: readonly string[],
  args: readonly Argument[],
): Argument[] {
  return ['EVALSHA', script.digest, String(keys.length), ...keys, ...args]
}

/** A script with its whole text. */
export function byText(
  script: Script,
  keys: readonly string[],
  args: readonly Argument[],
): Argument[] {
  return ['EVAL', script.text, String(keys.length), ...keys, ...args]
}

/** Whether the server has to be told the script's text. */
export function isUnknownScript(error: unknown): boolean {
  return error instanceof ReplyError && error.kind === 'NOSCRIPT'
}
