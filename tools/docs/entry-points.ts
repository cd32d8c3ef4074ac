import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { sourceFiles } from '../source-files.ts'

interface Manifest {
  readonly private?: boolean
  readonly exports?: Readonly<Record<string, string | { readonly '@dashi/source'?: string }>>
}

/** The source file of each public entry point of each published package. */
export function entryPoints(root: string): readonly string[] {
  return sourceFiles(root, ['packages/*/package.json']).flatMap((path) => {
    const manifest: Manifest = JSON.parse(readFileSync(path, 'utf8'))
    if (manifest.private === true) return []
    return Object.values(manifest.exports ?? {}).flatMap((target) => {
      const source = typeof target === 'string' ? undefined : target['@dashi/source']
      return source === undefined ? [] : [join(dirname(path), source)]
    })
  })
}
