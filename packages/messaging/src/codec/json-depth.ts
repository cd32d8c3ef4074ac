import { DecodeError } from '../errors.ts'

/**
 * Refuses JSON text that is nested too deeply, before anything is built from it. Most texts have
 * too few brackets to be deep at all, which is quick to find out.
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

// Bytes, because reading them one by one is faster than reading the characters of a string. The
// literals are in the code, because the engine does not fold constants of a module; `"`, `]`, `}`,
// `[`, `{`, `\`.
function isDeeperThan(json: Uint8Array, maxDepth: number): boolean {
  const { length } = json
  let depth = 0
  for (let at = 0; at < length; at += 1) {
    const byte = json[at]
    if (byte === 0x22) at = endOfString(json, at)
    else if (byte === 0x5d || byte === 0x7d) depth -= 1
    else if (byte === 0x5b || byte === 0x7b) {
      depth += 1
      if (depth > maxDepth) return true
    }
  }
  return false
}

function endOfString(json: Uint8Array, start: number): number {
  let at = start + 1
  while (at < json.length && json[at] !== 0x22) at += json[at] === 0x5c ? 2 : 1
  return at
}

function tooDeep(maxDepth: number): DecodeError {
  return new DecodeError(
    'TOO_LARGE',
    `The JSON is nested deeper than ${maxDepth} levels (maxDepth). Raise the bound with jsonSerializer({ limits: { maxDepth } }) if the sender is trusted`,
  )
}
