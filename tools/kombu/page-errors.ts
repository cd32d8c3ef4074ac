import { nameIn, type PageRow, rowsOf } from './page.ts'

/** What the page is checked against. */
export interface PageFacts {
  /** Every public name of Kombu, as `names.py` writes them. */
  readonly kombu: readonly string[]
  readonly typescript: { has(name: string, owners: readonly string[]): boolean }
}

/**
 * What is wrong with the page: names of Kombu that are not on it, or that Kombu does not have; names in TypeScript that are not
 * exported; rows with neither names nor a reason.
 *
 * A reason for a module or a class is one for everything in it.
 */
export function pageErrors(markdown: string, facts: PageFacts): readonly string[] {
  const rows = rowsOf(markdown)
  const known = new Set(facts.kombu)
  return [
    ...rows.flatMap((row) => rowErrors(row, known, facts)),
    ...repeated(rows),
    ...missing(rows, facts.kombu),
  ]
}

function rowErrors(row: PageRow, known: ReadonlySet<string>, facts: PageFacts): readonly string[] {
  const unknown = row.kombu.filter((name) => !known.has(name))
  const dead = row.typescript.filter((code) => !facts.typescript.has(nameIn(code), row.owners))
  const isEmpty = row.reason === undefined ? row.typescript.length === 0 : row.reason === ''
  return [
    ...unknown.map((name) => `:${row.line}: Kombu has no "${name}"`),
    ...dead.map((code) => `:${row.line}: "${code}" is exported by no package`),
    ...(isEmpty ? [`:${row.line}: the row has neither a name nor, after "–", a reason`] : []),
    ...(row.kombu.length === 0 ? [`:${row.line}: the row has no name of Kombu`] : []),
  ]
}

function repeated(rows: readonly PageRow[]): readonly string[] {
  const first = new Map<string, number>()
  return rows.flatMap(({ kombu, line }) =>
    kombu.flatMap((name) => {
      const earlier = first.get(name)
      first.set(name, earlier ?? line)
      return earlier === undefined ? [] : [`:${line}: "${name}" is on line ${earlier} already`]
    }),
  )
}

function missing(rows: readonly PageRow[], kombu: readonly string[]): readonly string[] {
  const named = new Set(rows.flatMap((row) => row.kombu))
  const given = new Set(rows.flatMap((row) => (row.reason === undefined ? [] : row.kombu)))
  const isCovered = (name: string) => placesOf(name).some((place) => given.has(place))
  // A module or a class is on the page when something in it is.
  const isModule = (name: string) => [...named].some((other) => other.startsWith(`${name}.`))
  return kombu
    .filter((name) => !named.has(name) && !isCovered(name) && !isModule(name))
    .map(
      (name) =>
        `: "${name}" of Kombu is missing: write what answers to it or, after "–", why nothing does`,
    )
}

/** `a.B.c` is in `a.B` and `a`; `a.B(c)` is in `a.B` and `a`. */
function placesOf(name: string): readonly string[] {
  const parts = [...name.matchAll(/[.(]/g)].map(({ index }) => name.slice(0, index))
  return parts
}
