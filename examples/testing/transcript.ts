/** What READMEs say that programs print: blocks marked `console`, in which `$` begins a command. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** One command of a README. */
export interface Transcript {
  readonly command: string
  /** Lines, each with its end. `…` stands for any text, on a line of its own for any lines. */
  readonly printed: string
}

/** All commands of a folder's README, in order. */
export function readTranscripts(folder: string): readonly Transcript[] {
  const readme = readFileSync(join(folder, 'README.md'), 'utf8')
  return [...readme.matchAll(/^```console\n(.*?)^```$/gms)].flatMap(([, block = '']) =>
    [...block.matchAll(/^\$ (.*)\n((?:(?!\$ ).*\n)*)/gm)].map(([, command = '', printed = '']) => ({
      command,
      printed,
    })),
  )
}

/** What the README says of the first command that ends like this. @throws {Error} it has none. */
export function printedBy(folder: string, command: string): string {
  const found = readTranscripts(folder).find((transcript) => transcript.command.endsWith(command))
  if (found) return found.printed
  throw new Error(`${join(folder, 'README.md')} has no command that ends with "${command}"`)
}

/** The output that a transcript allows, as the source of a regular expression. */
export function transcriptPattern(printed: string): string {
  return printed
    .replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
    .replaceAll(/^…\n/gm, '(?:.*\\n)*?')
    .replaceAll('…', '.*')
}
