/** A row of a table that says what became of names of Kombu. */
export interface PageRow {
  readonly line: number
  /** Dotted, without `kombu.`; a parameter is in brackets: `entity.Queue(durable)`. */
  readonly kombu: readonly string[]
  /** What answers to them in TypeScript, as written. */
  readonly typescript: readonly string[]
  /** What the names in TypeScript may be members of. */
  readonly owners: readonly string[]
  /** Why nothing answers to them. */
  readonly reason: string | undefined
}

interface Place {
  readonly prefix: string
  readonly owners: readonly string[]
}

const cellEnd = /(?<!\\)\|/
const span = /`([^`]+)`/g

/**
 * The rows of the page's tables that are about names: those with two columns, of which the first is headed by
 * something of Kombu's in code (`kombu.entity.Queue`, `kombu.entity.Queue(…)` for its parameters) and the second by what answers to it.
 *
 * A row has one or more names on the left. On the right it has names and, after a colon, words about them; or a reason after `–`.
 */
export function rowsOf(markdown: string): readonly PageRow[] {
  const rows: PageRow[] = []
  let place: Place | undefined
  const lines = markdown.split('\n')
  for (const [index, line] of lines.entries()) {
    const cells = cellsOf(line)
    if (cells === undefined) place = undefined
    else if (/^\|[ :|-]+\|$/.test(lines[index + 1] ?? '')) place = placeOf(cells)
    else if (place && !/^\|[ :|-]+\|$/.test(line)) rows.push(rowOf(cells, place, index + 1))
  }
  return rows
}

function cellsOf(line: string): readonly string[] | undefined {
  if (!line.startsWith('|')) return undefined
  return line
    .split(cellEnd)
    .slice(1, -1)
    .map((cell) => cell.trim())
}

function placeOf(cells: readonly string[]): Place | undefined {
  const [left = '', right = ''] = cells
  const prefix = /^`kombu(?:\.([^`]+))?`/.exec(left)
  if (prefix === null || cells.length !== 2) return undefined
  return { prefix: prefix[1] ?? '', owners: spansOf(right).map(nameIn) }
}

function rowOf([left = '', right = '']: readonly string[], place: Place, line: number): PageRow {
  const reason = /^–\s*:?\s*(.*)$/.exec(right)?.[1]
  return {
    line,
    kombu: spansOf(left).map((name) => joined(place.prefix, nameIn(name))),
    typescript: reason === undefined ? spansOf(namesPart(right)) : [],
    owners: place.owners,
    reason,
  }
}

function joined(prefix: string, name: string): string {
  if (prefix.endsWith('(…)')) return `${prefix.slice(0, -'(…)'.length)}(${name})`
  return prefix === '' ? name : `${prefix}.${name}`
}

/** What stands before the first colon; after it come words about the names. */
function namesPart(cell: string): string {
  return /^(?:[^`:]|`[^`]*`)*/.exec(cell)?.[0] ?? ''
}

function spansOf(cell: string): readonly string[] {
  return [...cell.matchAll(span)].map(([, text = '']) => text)
}

/** `new Exchange(name, { type })` → `Exchange`; `publish()` → `publish`. */
export function nameIn(code: string): string {
  return /^(?:new |await )?([@\w$./-]+)/.exec(code)?.[1] ?? code
}
