import type { Serializer } from './serializer.ts'
import { decodeText } from './text.ts'

/** Kombu's JSON. (Interface first; the full reader and writer follow.) */
export const json: Serializer = {
  name: 'json',
  contentType: 'application/json',
  contentEncoding: 'utf-8',
  encode: (value) => JSON.stringify(value ?? null),
  decode: (body) => JSON.parse(decodeText(body, 'utf-8')),
}
