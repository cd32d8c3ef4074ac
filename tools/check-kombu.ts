import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pageErrors } from './kombu/page-errors.ts'
import { TypeScriptNames } from './kombu/typescript-names.ts'
import { reportAndExit } from './report.ts'
import { bringUp } from './services/shared-brokers.ts'

const page = 'docs/coming-from-kombu.md'

/** What Kombu has: its release, and its public names. */
export interface KombuNames {
  readonly version: string
  readonly names: readonly string[]
}

/** The names of the Kombu that this interpreter has installed. */
export function installedKombu(python: string): KombuNames {
  const program = join(import.meta.dirname, 'kombu', 'names.py')
  return JSON.parse(execFileSync(python, ['-B', program], { encoding: 'utf8' }))
}

/** Where the page about Kombu's names is not what Kombu and the packages are. */
export function kombuErrors(root: string, { names }: KombuNames): readonly string[] {
  const markdown = readFileSync(join(root, page), 'utf8')
  const typescript = new TypeScriptNames(root)
  return pageErrors(markdown, { kombu: names, typescript }).map((error) => page + error)
}

if (process.argv[1] === import.meta.filename) {
  const { environment } = await bringUp('python')
  const kombu = installedKombu(environment['DASHI_TEST_PYTHON_56'] ?? 'python3')
  console.log(`Kombu ${kombu.version}: ${kombu.names.length} names`)
  reportAndExit('kombu', kombuErrors(process.cwd(), kombu))
}
