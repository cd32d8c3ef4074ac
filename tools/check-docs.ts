import { brokenLinks } from './docs/broken-links.ts'
import { forbiddenTexts } from './docs/forbidden-texts.ts'
import { undocumentedNames } from './docs/undocumented.ts'
import { reportAndExit } from './report.ts'

/**
 * Exported names without a doc comment, broken links in Markdown, and texts that must not be in
 * the repository.
 */
export function docErrors(root: string): readonly string[] {
  return [...undocumentedNames(root), ...brokenLinks(root), ...forbiddenTexts(root)]
}

if (process.argv[1] === import.meta.filename) reportAndExit('docs', docErrors(process.cwd()))
