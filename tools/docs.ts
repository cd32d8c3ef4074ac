/**
 * Writes the reference of all packages into `docs/api/`, from the doc comments in their sources.
 *
 * Ends with an error when something exported has no comment, a comment links to nothing, or a signature names what is
 * not exported. TypeDoc and the TypeScript that it needs are in `api-reference/`, and installed when first needed.
 */
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { entryPoints } from './docs/entry-points.ts'
import { sourceFiles } from './source-files.ts'

const root = process.cwd()
const folder = join(root, 'tools', 'api-reference')

function run(command: string, args: readonly string[], cwd: string): void {
  execFileSync(command, args, { cwd, stdio: 'inherit' })
}

/** Whether exactly what the lock file wants is there. */
function isInstalled(): boolean {
  return installed('typedoc') && installed('typescript')
}

function installed(name: string): boolean {
  const path = join(folder, 'node_modules', name, 'package.json')
  if (!existsSync(path)) return false
  const { dependencies } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  return JSON.parse(readFileSync(path, 'utf8')).version === dependencies[name]
}

/** The type of an error that `execFileSync` throws is told by its status: the child has said why. */
function hasSpoken(error: unknown): boolean {
  return error instanceof Error && 'status' in error && typeof error.status === 'number'
}

if (!isInstalled()) run('npm', ['ci', '--no-audit', '--no-fund'], folder)
const typedoc = join(folder, 'node_modules', 'typedoc', 'bin', 'typedoc')
const entries = entryPoints(root).flatMap((entry) => ['--entryPoints', entry])
// TypeDoc asks for comments only in packages that are named.
const names = sourceFiles(root, ['packages/*/package.json']).flatMap((path) => {
  const { name } = JSON.parse(readFileSync(path, 'utf8'))
  return ['--packagesRequiringDocumentation', name]
})
try {
  const options = ['--options', join(folder, 'typedoc.json')]
  run(process.execPath, [typedoc, ...options, ...entries, ...names, ...process.argv.slice(2)], root)
} catch (error) {
  if (!hasSpoken(error)) throw error
  console.error('docs: the reference is not complete: mend what the lines above say')
  process.exitCode = 1
}
