/**
 * Percent-encoding as Python does it.
 */

/** Python's `unquote()`: malformed escapes stay as they are, bytes that are not UTF-8 become U+FFFD. */
export function percentDecoded(text: string): string {
  return text.replaceAll(/(?:%[0-9a-f]{2})+/gi, (run) =>
    Buffer.from(run.replaceAll('%', ''), 'hex').toString(),
  )
}

/** Python's `quote(safe='')`, which escapes five characters more than `encodeURIComponent()`. */
export function percentEncoded(text: string): string {
  return encodeURIComponent(text.toWellFormed()).replaceAll(
    /[!'()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  )
}
