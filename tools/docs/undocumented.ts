import { existsSync } from 'node:fs'
import { relative } from 'node:path'
import { entryPoints } from './entry-points.ts'
import { publicNames } from './public-names.ts'

/** The names that users can import and that have no doc comment, and entry points without a file. */
export function undocumentedNames(root: string): readonly string[] {
  const errors = entryPoints(root).flatMap((entry) => {
    if (!existsSync(entry)) {
      return [`${relative(root, entry)}: package.json exports this file, and it does not exist`]
    }
    return publicNames(entry)
      .filter(({ documented }) => !documented)
      .map(({ name, file, line }) => {
        return `${relative(root, file)}:${line}: "${name}" is exported and has no doc comment (/** … */) right before it`
      })
  })
  return [...new Set(errors)]
}
