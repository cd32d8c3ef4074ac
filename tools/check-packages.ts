import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'
import { reportAndExit } from './report.ts'
import { sourceFiles } from './source-files.ts'

interface Manifest {
  readonly name: string
  readonly private?: boolean
  readonly exports?: Readonly<Record<string, unknown>>
}

interface Packed {
  readonly manifest: Manifest
  readonly folder: string
  readonly tarball: string
}

const root = process.cwd()

function command(words: readonly string[], cwd: string = root): string {
  const [file = '', ...args] = words
  return execFileSync(file, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] })
}

function published(): readonly Omit<Packed, 'tarball'>[] {
  return sourceFiles(root, ['packages/*/package.json'])
    .map((path) => {
      const manifest: Manifest = JSON.parse(readFileSync(path, 'utf8'))
      return { manifest, folder: dirname(path) }
    })
    .filter(({ manifest }) => manifest.private !== true)
}

function pack(folder: string, into: string): string {
  const output = command(['npm', 'pack', '--json', '--pack-destination', into], folder)
  const parsed: unknown = JSON.parse(output)
  const [first] = Array.isArray(parsed) ? parsed : Object.values(Object(parsed))
  return join(into, String(first.filename))
}

async function lintErrors({ manifest, folder }: Packed): Promise<readonly string[]> {
  const { messages, pkg } = await publint({ pkgDir: folder, pack: 'npm', level: 'warning' })
  return messages.map((message) => `${manifest.name}: ${formatMessage(message, pkg)}`)
}

function typeErrors({ manifest, tarball }: Packed): readonly string[] {
  try {
    command(['attw', tarball, '--profile', 'esm-only', '--format', 'ascii', '--no-color'])
    return []
  } catch (error) {
    const output =
      error instanceof Error && 'stdout' in error ? String(error.stdout) : String(error)
    return [`${manifest.name}: its types do not resolve\n${output}`]
  }
}

/** Installs the tarballs as a user would, and imports every entry point. */
function importErrors(packages: readonly Packed[], folder: string): readonly string[] {
  mkdirSync(folder)
  writeFileSync(join(folder, 'package.json'), '{ "private": true, "type": "module" }\n')
  const tarballs = packages.map(({ tarball }) => tarball)
  command(
    ['npm', 'install', '--silent', '--no-package-lock', '--prefer-offline', ...tarballs],
    folder,
  )
  return packages
    .flatMap(({ manifest }) => entriesOf(manifest))
    .flatMap((entry) => {
      try {
        command(['node', '--input-type=module', '--eval', `await import('${entry}')`], folder)
        return []
      } catch {
        return [`${entry}: cannot be imported from the packed package (its error is above)`]
      }
    })
}

function entriesOf({ name, exports = {} }: Manifest): readonly string[] {
  return Object.keys(exports)
    .filter((entry) => !entry.endsWith('.json'))
    .map((entry) => name + entry.slice(1))
}

/** Builds from nothing, so that no output of a removed source is packed. */
function build(): void {
  for (const { folder } of published())
    rmSync(join(folder, 'dist'), { recursive: true, force: true })
  command(['tsc', '-b'])
}

async function packageErrors(): Promise<readonly string[]> {
  build()
  const temporary = mkdtempSync(join(tmpdir(), 'dashi-packages-'))
  try {
    const packages = published().map((one) => ({ ...one, tarball: pack(one.folder, temporary) }))
    const linted = await Promise.all(packages.map(lintErrors))
    const typed = packages.map(typeErrors)
    return [...linted, ...typed, importErrors(packages, join(temporary, 'user'))].flat()
  } finally {
    rmSync(temporary, { recursive: true, force: true })
  }
}

reportAndExit('packages', await packageErrors())
