import { globSync } from 'node:fs'
import { join } from 'node:path'

const outside = new Set(['node_modules', 'dist', '.peers', '.git', 'coverage'])

/** The files below `root` that match any of the glob patterns: absolute paths, sorted. */
export function sourceFiles(root: string, patterns: readonly string[]): readonly string[] {
  const found = globSync([...patterns], {
    cwd: root,
    exclude: (path) => path.split(/[\\/]/).some((part) => outside.has(part)),
  })
  return found.sort().map((path) => join(root, path))
}
