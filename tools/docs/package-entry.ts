import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { sourceFiles } from '../source-files.ts'

interface Manifest {
  readonly name: string
  readonly exports?: Readonly<Record<string, string | { readonly '@dashi/source'?: string }>>
}

/** The source file behind an import such as `@dashi/messaging/transport`, if a package here has it. */
export function packageEntry(root: string, specifier: string): string | undefined {
  for (const path of sourceFiles(root, ['packages/*/package.json'])) {
    const { name, exports = {} }: Manifest = JSON.parse(readFileSync(path, 'utf8'))
    if (specifier !== name && !specifier.startsWith(`${name}/`)) continue
    const target = exports[`.${specifier.slice(name.length)}`]
    const source = typeof target === 'object' ? target['@dashi/source'] : undefined
    const file = source && join(dirname(path), source)
    if (file && existsSync(file)) return file
  }
  return undefined
}
