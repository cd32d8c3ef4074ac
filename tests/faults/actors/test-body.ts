/** What messages carry: who sent them, and padding that shows whether it arrived whole. */
import { createHash, randomBytes } from 'node:crypto'

/** The body of a message. */
export interface TestBody {
  readonly id: string
  readonly padding: string
  readonly checksum: string
}

export function testBody(id: string, paddingBytes: number): TestBody {
  const padding = randomBytes(Math.ceil(paddingBytes / 2)).toString('hex')
  return { id, padding, checksum: checksumOf(id, padding) }
}

/** What nobody can read, although it says that it is JSON. */
export function poisonText(id: string): string {
  return `{"id": "${id}", this is no JSON`
}

/** Whether a body is the one that was published under this id. */
export function isWhole(id: string, body: unknown): boolean {
  if (typeof body !== 'object' || body === null) return false
  if (!('id' in body && 'padding' in body && 'checksum' in body)) return false
  return body.id === id && body.checksum === checksumOf(id, String(body.padding))
}

function checksumOf(id: string, padding: string): string {
  return createHash('sha1').update(`${id} ${padding}`).digest('hex')
}
