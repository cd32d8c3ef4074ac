/** Whether a routing key passes. */
export type KeyFilter = (routingKey: string) => boolean

/**
 * The filter that a binding key of a fanout exchange is: `#` and `*` stand for any text, dots included; without a
 * key everything passes. In time proportional to the text.
 */
export function keyFilter(bindingKey: string): KeyFilter {
  if (bindingKey === '') return () => true
  const [start = '', ...rest] = bindingKey.split(/[#*]+/)
  const end = rest.pop()
  if (end === undefined) return (key) => key === start
  return (key) => {
    if (!key.startsWith(start) || !key.endsWith(end)) return false
    let at = start.length
    // Of each text between two wildcards the leftmost place will do.
    for (const literal of rest) {
      const found = key.indexOf(literal, at)
      if (found === -1) return false
      at = found + literal.length
    }
    return at <= key.length - end.length
  }
}
