/**
 * Values as Python prints them, for `argsrepr` and `kwargsrepr`: logs, events and Flower show them. Pure.
 *
 * Source: celery/utils/saferepr.py: three levels deep, strings quoted but not escaped, cut at a length.
 */
import { bytesText, leafText, replacementOf } from './python-leaf.ts'
import { limitedRepr, maxReprLength, maxReprLevels } from './python-repr-limited.ts'

/** Positional arguments as Python prints them, as a tuple: `(1, 'a')`, `(1,)`. About 1024 characters at most. */
export function argsRepr(args: readonly unknown[]): string {
  const text = `(${appendItems('', args, 1)}${args.length === 1 ? ',)' : ')'}`
  return text.length < maxReprLength
    ? text
    : limitedRepr(args, { asTuple: true, maxLength: maxReprLength })
}

/**
 * Any value as Python prints it: `{'a': [1, None]}`.
 *
 * @param maxLength How many characters to show; a few more may come, that say what is left out. Default 1024.
 */
export function pythonRepr(value: unknown, maxLength: number = maxReprLength): string {
  const text = append('', value, 0)
  return text.length < Math.min(maxLength, maxReprLength)
    ? text
    : limitedRepr(value, { asTuple: false, maxLength })
}

/**
 * Adds a value to a text. Once the text is too long its rest does not matter: it is then written again, within the limit,
 * which takes more care than short texts need.
 */
function append(text: string, value: unknown, level: number): string {
  if (text.length >= maxReprLength) return text
  if (typeof value === 'string') return `${text}'${value.replaceAll("'", "\\'")}'`
  if (typeof value !== 'object' || value === null) return text + leafText(value)
  if (Array.isArray(value)) {
    return level >= maxReprLevels ? `${text}[...]` : `${appendItems(`${text}[`, value, level + 1)}]`
  }
  return appendObject(text, value, level)
}

function appendItems(start: string, items: readonly unknown[], level: number): string {
  let text = start
  for (let index = 0; index < items.length; index += 1) {
    if (text.length >= maxReprLength) return text
    text = append(index === 0 ? text : `${text}, `, items[index], level)
  }
  return text
}

function appendObject(text: string, value: object, level: number): string {
  const replacement = replacementOf(value)
  if (replacement !== undefined) {
    if ('text' in replacement) return text + replacement.text
    if ('bytes' in replacement) return text + bytesText(replacement.bytes, maxReprLength)
    return append(text, replacement.value, level)
  }
  if (level >= maxReprLevels) return `${text}{...}`
  // Whatever is no special value prints as the mapping that its reader gets.
  return appendMembers(`${text}{`, value as Readonly<Record<string, unknown>>, level + 1)
}

function appendMembers(
  start: string,
  record: Readonly<Record<string, unknown>>,
  level: number,
): string {
  let text = start
  let separator = ''
  for (const key of Object.keys(record)) {
    const member = record[key]
    if (member === undefined) continue
    if (text.length >= maxReprLength) return text
    text = append(`${text}${separator}'${key.replaceAll("'", "\\'")}': `, member, level)
    separator = ', '
  }
  return `${text}}`
}
