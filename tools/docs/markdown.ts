/** A link in Markdown text, as written. */
export interface MarkdownLink {
  readonly target: string
  readonly line: number
}

const inline = /!?\[(?:[^\]\\]|\\.)*\]\(\s*<?([^)\s>]+)>?(?:\s+"[^"]*")?\s*\)/g
const reference = /^\s{0,3}\[[^\]]+\]:\s*<?(\S+?)>?(?:\s|$)/g
const html = /\b(?:href|src)="([^"]+)"/g

/** The links of a Markdown text; code blocks and code spans do not count. */
export function linksOf(markdown: string): readonly MarkdownLink[] {
  return proseOf(markdown).flatMap((text, index) =>
    [inline, reference, html].flatMap((pattern) =>
      [...text.matchAll(pattern)].map(([, target = '']) => ({ target, line: index + 1 })),
    ),
  )
}

/** The anchors that GitHub makes of the headings of a Markdown text. */
export function anchorsOf(markdown: string): ReadonlySet<string> {
  const seen = new Map<string, number>()
  const anchors = new Set<string>()
  for (const line of withoutFences(markdown)) {
    const heading = /^#{1,6}\s+(.*?)\s*#*$/.exec(line)?.[1]
    for (const [, id] of line.matchAll(/<a (?:id|name)="([^"]+)"/g)) anchors.add(id ?? '')
    if (heading === undefined) continue
    const slug = slugOf(heading)
    const count = seen.get(slug) ?? 0
    seen.set(slug, count + 1)
    anchors.add(count === 0 ? slug : `${slug}-${count}`)
  }
  return anchors
}

function slugOf(heading: string): string {
  const text = heading.replace(/!?\[([^\]]*)\]\([^)]*\)/g, '$1')
  return text
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .replace(/\s/g, '-')
}

function proseOf(markdown: string): readonly string[] {
  return withoutFences(markdown).map((line) => line.replace(/(`+)(?:(?!\1).)+\1/g, ''))
}

/** The lines of the text, those inside fenced code blocks emptied. */
function withoutFences(markdown: string): readonly string[] {
  let fence: string | undefined
  return markdown.split('\n').map((line) => {
    const mark = /^\s*(`{3,}|~{3,})/.exec(line)?.[1]
    if (fence === undefined) {
      fence = mark
      return mark === undefined ? line : ''
    }
    if (mark?.startsWith(fence)) fence = undefined
    return ''
  })
}
