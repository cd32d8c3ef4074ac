import { plainTag } from './plain-tag.ts'

/** What needs no quotes: words, and nothing that means something to YAML between them. */
const word = /^[A-Za-z_][\w./-]*(?: [\w./-]+)*$/

/** What double quotes cannot hold as it is; most of it JSON's escapes do not cover. */
const unprintable = /[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]/g

/** A text as a scalar on one line: plain if that reads as the same text, else in double quotes. */
export function textScalar(text: string): string {
  if (text.length < 100 && word.test(text) && plainTag(text) === 'str') return text
  return JSON.stringify(text).replace(unprintable, escaped)
}

function escaped(character: string): string {
  return `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`
}
