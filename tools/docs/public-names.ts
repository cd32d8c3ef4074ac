import { existsSync, readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { type ParseResult, parseSync } from 'vite'

/** One name that users can import, where it is declared, and whether a doc comment stands there. */
export interface PublicName {
  readonly name: string
  readonly file: string
  readonly line: number
  readonly documented: boolean
}

type StaticExport = ParseResult['module']['staticExports'][number]
type Entry = StaticExport['entries'][number]

/**
 * The names that an entry file exports, followed through re-exports to their declarations.
 *
 * Names that come from other packages are left out: they are documented there.
 */
export function publicNames(entry: string): readonly PublicName[] {
  return [...new NameFinder().namesOf(entry).values()]
}

class NameFinder {
  readonly #parsed = new Map<string, { source: string; result: ParseResult }>()
  readonly #visiting = new Set<string>()

  namesOf(file: string): ReadonlyMap<string, PublicName> {
    const names = new Map<string, PublicName>()
    // A cycle adds nothing; a missing file is for the compiler to report.
    if (this.#visiting.has(file) || !existsSync(file)) return names
    this.#visiting.add(file)
    for (const statement of this.#parse(file).result.module.staticExports) {
      for (const entry of statement.entries) this.#add(names, file, { statement, entry })
    }
    this.#visiting.delete(file)
    return names
  }

  #add(
    names: Map<string, PublicName>,
    file: string,
    found: { statement: StaticExport; entry: Entry },
  ) {
    const { statement, entry } = found
    const specifier = entry.moduleRequest?.value
    if (specifier !== undefined && !specifier.startsWith('.')) return
    const target = specifier === undefined ? undefined : resolve(dirname(file), specifier)
    if (target !== undefined && entry.exportName.kind === 'None') {
      for (const [name, value] of this.namesOf(target)) names.set(name, value)
      return
    }
    const name = entry.exportName.name ?? 'default'
    const resolved = this.#declared(file, entry, target) ?? this.#at(name, file, statement.start)
    // Of several overloads, one comment speaks for all.
    if (names.get(name)?.documented !== true) names.set(name, { ...resolved, name })
  }

  /** Follows `export { a } from './b.ts'` and `export { a }` to the declaration of `a`. */
  #declared(file: string, entry: Entry, target: string | undefined): PublicName | undefined {
    if (target !== undefined) return this.namesOf(target).get(entry.importName.name ?? '')
    const local = entry.localName.name ?? ''
    const { source, result } = this.#parse(file)
    const pattern = new RegExp(
      `^(?:declare |abstract |async )*(?:const|let|function\\*?|class|interface|type) ${escaped(local)}\\b`,
    )
    const starts = result.program.body.map((node) => node.start)
    const start = starts.find((offset) => pattern.test(source.slice(offset)))
    return start === undefined ? undefined : this.#at(local, file, start)
  }

  #at(name: string, file: string, start: number): PublicName {
    const { source, result } = this.#parse(file)
    const documented = result.comments.some(
      ({ type, value, end }) =>
        type === 'Block' &&
        value.startsWith('*') &&
        end <= start &&
        !/\S/.test(source.slice(end, start)),
    )
    return { name, file, line: source.slice(0, start).split('\n').length, documented }
  }

  #parse(file: string): { source: string; result: ParseResult } {
    const known = this.#parsed.get(file)
    if (known !== undefined) return known
    const source = readFileSync(file, 'utf8')
    const parsed = { source, result: parseSync(file, source) }
    this.#parsed.set(file, parsed)
    return parsed
  }
}

function escaped(name: string): string {
  return name.replaceAll('$', '\\$')
}
