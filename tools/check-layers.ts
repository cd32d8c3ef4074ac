import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve, sep } from 'node:path'
import { importsOf, type ModuleImport } from './layers/imports.ts'
import { messagingViolation } from './layers/messaging-rule.ts'
import { packageViolation } from './layers/package-rule.ts'
import { testFile } from './layers/rules.ts'
import { reportAndExit } from './report.ts'
import { sourceFiles } from './source-files.ts'

const everything = ['{packages/*/src,tools,tests,examples,benchmarks,demo}/**/*.ts', '*.ts']

/**
 * The imports below `root` that go against the layering rules of `layers/rules.ts`.
 *
 * One line each: `file:line imports "specifier": rule`.
 */
export function layerErrors(root: string): readonly string[] {
  return sourceFiles(root, everything).flatMap((path) => {
    const file = relative(root, path).split(sep).join('/')
    return importsOf(path, readFileSync(path, 'utf8')).flatMap((found) => {
      const rule = violation(root, file, found)
      return rule === undefined
        ? []
        : [`${file}:${found.line} imports "${found.specifier}": ${rule}`]
    })
  })
}

function violation(root: string, file: string, found: ModuleImport): string | undefined {
  if (found.specifier.startsWith('.')) return relativeViolation(root, file, found.specifier)
  const [, to, rest] = /^@dashi\/([^/]+)(\/.*)?$/.exec(found.specifier) ?? []
  if (to === undefined) return undefined
  const entry = `.${rest ?? ''}`
  const { typeOnly } = found
  return packageViolation({
    from: packageOf(file),
    file,
    to,
    entry,
    entries: entriesOf(root, to),
    typeOnly,
  })
}

function relativeViolation(root: string, file: string, specifier: string): string | undefined {
  const target = relative(root, resolve(root, dirname(file), specifier))
    .split(sep)
    .join('/')
  const from = packageOf(file)
  const to = packageOf(target)
  if (to !== from && to !== undefined) {
    return `packages are imported by name, through their exports: "@dashi/${to}"`
  }
  if (from !== undefined && to === undefined && !testFile.test(file)) {
    return 'a package may not import files outside itself'
  }
  if (from !== 'messaging' || testFile.test(file)) return undefined
  const base = 'packages/messaging/src/'
  return messagingViolation(file.slice(base.length), target.slice(base.length))
}

function packageOf(file: string): string | undefined {
  return /^packages\/([^/]+)\//.exec(file)?.[1]
}

function entriesOf(root: string, name: string): readonly string[] {
  const path = join(root, 'packages', name, 'package.json')
  if (!existsSync(path)) return []
  const { exports = {} }: { exports?: object } = JSON.parse(readFileSync(path, 'utf8'))
  return Object.keys(exports)
}

if (process.argv[1] === import.meta.filename) {
  reportAndExit('layers', layerErrors(process.cwd()))
}
