import { createHash } from 'node:crypto'

/** A Lua script, and the digest that the server knows it by. */
export interface Script {
  readonly text: string
  readonly digest: string
}

/** Makes a script of its text. */
export function script(text: string): Script {
  return Object.freeze({ text, digest: createHash('sha1').update(text).digest('hex') })
}
