import { DecodeError } from '../errors.ts'

const quote = 0x22
const backslash = 0x5c
/** `[` and `{` differ in one bit, and so do `]` and `}`: with it set, either is one comparison. */
const caseBit = 0x20
const open = 0x7b
const close = 0x7d

/**
 * Refuses JSON text that is nested too deeply, before anything is built from it. Most texts have too few
 * brackets to be deep at all, which is quick to find out.
 *
 * @throws DecodeError `TOO_LARGE`
 */
export function checkJsonDepth(text: string, maxDepth: number): void {
  const canBeTooDeep = text.length > 2 * maxDepth && hasMoreOpeningBrackets(text, maxDepth)
  if (canBeTooDeep && isDeeperThan(Buffer.from(text), maxDepth)) throw tooDeep(maxDepth)
}

function hasMoreOpeningBrackets(text: string, count: number): boolean {
  let found = 0
  for (const bracket of ['[', '{']) {
    let at = text.indexOf(bracket)
    while (at !== -1) {
      found += 1
      if (found > count) return true
      at = text.indexOf(bracket, at + 1)
    }
  }
  return false
}

// Bytes, because reading them one by one is twice as fast as reading the characters of a string.
function isDeeperThan(json: Uint8Array, maxDepth: number): boolean {
  let depth = 0
  for (let at = 0; at < json.length; at += 1) {
    const byte = json[at] ?? 0
    if (byte === quote) at = endOfString(json, at)
    else if ((byte | caseBit) === close) depth -= 1
    else if ((byte | caseBit) === open) depth += 1
    if (depth > maxDepth) return true
  }
  return false
}

function endOfString(json: Uint8Array, start: number): number {
  let at = start + 1
  while (at < json.length && json[at] !== quote) at += json[at] === backslash ? 2 : 1
  return at
}

function tooDeep(maxDepth: number): DecodeError {
  return new DecodeError(
    'TOO_LARGE',
    `The JSON is nested deeper than ${maxDepth} levels (maxDepth). Raise the bound with jsonSerializer({ limits: { maxDepth } }) if the sender is trusted`,
  )
}
