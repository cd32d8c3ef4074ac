import { parseSync } from 'vite'

/** One import or re-export of a module. */
export interface ModuleImport {
  readonly specifier: string
  readonly line: number
  /** Whether it vanishes when types are stripped. */
  readonly typeOnly: boolean
}

/**
 * The modules that a TypeScript source imports: statically, as a re-export, with `import()` of a
 * literal, or in a type.
 *
 * @throws {SyntaxError} when the source does not parse.
 */
export function importsOf(file: string, source: string): readonly ModuleImport[] {
  const { module, errors } = parseSync(file, source)
  const [first] = errors
  if (first !== undefined) throw new SyntaxError(`Cannot parse ${file}: ${first.message}`)
  const found: (Omit<ModuleImport, 'line'> & { readonly start: number })[] = []
  for (const { start, moduleRequest, entries } of module.staticImports) {
    const typeOnly = entries.length > 0 && entries.every((entry) => entry.isType)
    found.push({ specifier: moduleRequest.value, start, typeOnly })
  }
  for (const { start, entries } of module.staticExports) {
    const specifier = entries.find((entry) => entry.moduleRequest)?.moduleRequest?.value
    const typeOnly = entries.every((entry) => entry.isType)
    if (specifier !== undefined) found.push({ specifier, start, typeOnly })
  }
  for (const { start, moduleRequest } of module.dynamicImports) {
    const specifier = literal(source.slice(moduleRequest.start, moduleRequest.end))
    if (specifier !== undefined) found.push({ specifier, start, typeOnly: false })
  }
  return found.map(({ start, ...rest }) => ({ ...rest, line: lineAt(source, start) }))
}

function literal(expression: string): string | undefined {
  return /^(['"`])([^'"`$]+)\1$/.exec(expression)?.[2]
}

function lineAt(source: string, offset: number): number {
  return source.slice(0, offset).split('\n').length
}
