import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { sourceFiles } from '../source-files.ts'
import { anchorsOf, linksOf } from './markdown.ts'

/** The relative links of all Markdown files below `root` that lead to no file or no heading. */
export function brokenLinks(root: string): readonly string[] {
  return sourceFiles(root, ['**/*.md', '.github/**/*.md']).flatMap((file) =>
    linksOf(readFileSync(file, 'utf8')).flatMap(({ target, line }) => {
      const reason = problem(root, file, target)
      return reason === undefined
        ? []
        : [`${relative(root, file)}:${line}: the link "${target}" ${reason}`]
    }),
  )
}

function problem(root: string, file: string, target: string): string | undefined {
  if (/^([a-z][a-z0-9+.-]*:|\/\/)/i.test(target)) return undefined
  const [path = '', anchor] = target.split('#')
  const found = path === '' ? file : place(root, file, decodeURIComponent(path))
  if (!existsSync(found)) return `leads to ${relative(root, found)}, which does not exist`
  if (anchor === undefined || anchor === '' || !found.endsWith('.md')) return undefined
  const known = anchorsOf(readFileSync(found, 'utf8')).has(decodeURIComponent(anchor))
  return known ? undefined : `names a heading that ${relative(root, found)} does not have`
}

function place(root: string, file: string, path: string): string {
  return path.startsWith('/') ? join(root, path) : resolve(dirname(file), path)
}
