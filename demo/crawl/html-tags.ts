/**
 * The start tags of an HTML text, as a browser would see them. Pure, and linear in the text's length
 * whatever the text is.
 */

/** A start tag. Names are lower case; of a repeated attribute the first counts; references are decoded. */
export interface HtmlTag {
  readonly name: string
  readonly attributes: ReadonlyMap<string, string>
}

/** Elements whose content is text up to their end tag, whatever it looks like. */
const rawText = new Set(['iframe', 'noembed', 'noframes', 'script', 'style', 'textarea', 'title'])

const namedReferences: Readonly<Record<string, string>> = {
  amp: '&',
  apos: "'",
  gt: '>',
  lt: '<',
  nbsp: '\u00a0',
  quot: '"',
}

/** Yields the start tags in order. Comments, end tags and the text of scripts hold none. */
export function* htmlTags(html: string): Generator<HtmlTag, void, undefined> {
  let position = html.indexOf('<')
  while (position !== -1) {
    const { tag, next } = readMarkup(html, position)
    if (tag !== undefined) yield tag
    position = html.indexOf('<', next)
  }
}

/** What begins at a `<`, and where the text goes on after it. */
interface Markup {
  readonly tag?: HtmlTag
  readonly next: number
}

function readMarkup(html: string, start: number): Markup {
  const namePattern = /<([a-z][^\s/>]*)/iy
  namePattern.lastIndex = start
  const name = namePattern.exec(html)?.[1]?.toLowerCase()
  if (name === undefined) return { next: endOfOther(html, start) }
  const { attributes, end } = readAttributes(html, namePattern.lastIndex)
  // A tag that never ends is no tag, and nothing can follow it.
  if (end === undefined) return { next: html.length }
  return { tag: { name, attributes }, next: rawText.has(name) ? endOfText(html, name, end) : end }
}

interface ReadAttributes {
  readonly attributes: ReadonlyMap<string, string>
  /** Behind the tag's `>`; `undefined` when there is none. */
  readonly end: number | undefined
}

function readAttributes(html: string, start: number): ReadAttributes {
  const attributes = new Map<string, string>()
  const pattern =
    /[\s/]*(?:(>)|([^\s/>][^\s/>=]*)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>"'][^\s>]*)))?)/y
  pattern.lastIndex = start
  for (let match = pattern.exec(html); match !== null; match = pattern.exec(html)) {
    const [, close, name = '', double, single, bare] = match
    if (close !== undefined) return { attributes, end: pattern.lastIndex }
    const key = name.toLowerCase()
    if (!attributes.has(key)) attributes.set(key, decodeReferences(double ?? single ?? bare ?? ''))
  }
  return { attributes, end: undefined }
}

/** Where to go on after a `<` that starts no tag: behind a comment, otherwise behind the `<`. */
function endOfOther(html: string, start: number): number {
  if (!html.startsWith('<!--', start)) return start + 1
  // `<!-->` and `<!--->` are whole comments.
  const end = html.indexOf('-->', start + 2)
  return end === -1 ? html.length : end + 3
}

function endOfText(html: string, name: string, start: number): number {
  const pattern = new RegExp(`</${name}(?=[\\s/>])`, 'gi')
  pattern.lastIndex = start
  return pattern.test(html) ? pattern.lastIndex : html.length
}

function decodeReferences(text: string): string {
  return text.replace(/&[\w#]+;/g, (reference) => {
    const name = reference.slice(1, -1)
    const [, decimal, hexadecimal] = /^#(?:(\d+)|x([\da-f]+))$/i.exec(name) ?? []
    if (decimal !== undefined) return character(Number(decimal)) ?? reference
    if (hexadecimal !== undefined) return character(Number.parseInt(hexadecimal, 16)) ?? reference
    return namedReferences[name] ?? reference
  })
}

function character(code: number): string | undefined {
  return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : undefined
}
