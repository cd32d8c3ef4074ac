/** Errors as Python writes them, so that a caller in Python reads what it is used to. Pure. */

/**
 * Python's `repr()` of an exception: `ValueError('no such page')`.
 *
 * What is no `Error` becomes `Exception('…')`.
 */
export function errorRepr(error: unknown): string {
  return error instanceof Error
    ? `${error.name}(${textRepr(error.message)})`
    : `Exception(${textRepr(String(error))})`
}

/** Python's `repr()` of a text. */
export function textRepr(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'"
  const escaped = text.replaceAll(/[\\\p{Cc}]/gu, escapeOf)
  return quote + escaped.replaceAll(quote, `\\${quote}`) + quote
}

const named: Readonly<Record<string, string>> = {
  '\\': '\\\\',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
}

function escapeOf(character: string): string {
  return named[character] ?? `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`
}
