/**
 * Names of message files.
 *
 * Shape: `<ms>_<uuid4>.<queue>.msg`, milliseconds since the machine started. Source:
 * kombu/transport/filesystem.py, Channel._put.
 */
import { randomUUID } from 'node:crypto'

/** Longest queue or exchange name in bytes: a file name has 255, and ours has 60 around it. */
const maxNameBytes = 190

/** Makes names that sort in the order in which they were made. */
export class MessageNames {
  #lastNs = 0n

  /** A new name, last in order of all that were made on this machine before. */
  next(queue: string): string {
    const nowNs = process.hrtime.bigint()
    this.#lastNs = nowNs > this.#lastNs ? nowNs : this.#lastNs + 1n
    // Rounded, as Python's round() does it, so that ours and theirs of one moment are not a millisecond apart.
    const roundedNs = this.#lastNs + 500_000n
    // Kombu's order is random within a millisecond; the first digits of our UUIDs are the nanoseconds of it.
    const start = (roundedNs % 1_000_000n).toString(16).padStart(8, '0')
    return `${roundedNs / 1_000_000n}_${start}${randomUUID().slice(8)}.${fileNameOf(queue)}.msg`
  }
}

/** The queue that a file belongs to: all between the first dot and `.msg`; `undefined` for other files. */
export function queueOf(fileName: string): string | undefined {
  const name = /^[^.]+\.(.+)\.msg$/s.exec(fileName)?.[1]
  return name === undefined ? undefined : nameOf(name)
}

/** Compares names of files: the older first, also where a number has a digit more than the other. */
export function byAge(a: string, b: string): number {
  const digits = a.indexOf('_') - b.indexOf('_')
  if (digits !== 0) return digits
  if (a === b) return 0
  return a < b ? -1 : 1
}

/**
 * A queue's or exchange's name inside a file name: itself, but `/` is `%2F` and NUL is `%00`, which Kombu
 * cannot have in names at all. A `%` that would read as one of those, or as itself, is `%25`.
 */
export function fileNameOf(name: string): string {
  return name.replaceAll(/[/\0]|%(?=2F|00|25)/g, (char) => escapes[char] ?? char)
}

/** The opposite of {@link fileNameOf}. */
export function nameOf(fileName: string): string {
  return fileName.replaceAll(/%(?:2F|00|25)/g, (code) =>
    String.fromCharCode(Number.parseInt(code.slice(1), 16)),
  )
}

const escapes: Readonly<Record<string, string>> = { '/': '%2F', '\0': '%00', '%': '%25' }

/** Why a queue or exchange cannot have this name here; `undefined` if it can. */
export function nameProblem(name: string): string | undefined {
  if (name === '') return 'it is empty'
  const bytes = Buffer.byteLength(fileNameOf(name))
  if (bytes <= maxNameBytes) return undefined
  return `it has ${bytes} bytes there and a file name has room for ${maxNameBytes}`
}
