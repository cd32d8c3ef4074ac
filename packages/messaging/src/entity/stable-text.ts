/**
 * One text for equal values: a key for caches and comparisons. Not for the wire.
 *
 * The order of keys does not matter, `undefined` members do not count, and values of different types
 * never share a text.
 */
export function stableText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(stableText).join()}]`
  if (value instanceof Date) return `date ${value.getTime()}`
  if (value instanceof Uint8Array) return `bytes ${Buffer.from(value).toString('hex')}`
  if (typeof value === 'object' && value !== null) return `{${stableMembers(value)}}`
  return typeof value === 'string' ? JSON.stringify(value) : `${typeof value} ${String(value)}`
}

function stableMembers(value: object): string {
  return Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, member]) => `${JSON.stringify(name)}:${stableText(member)}`)
    .join()
}
