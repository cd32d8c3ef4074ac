import { packageRules, testFile, testOnlyPackages, transportRule } from './rules.ts'

/** An import between packages, or from a file outside all packages into one. */
export interface PackageImport {
  /** Name without scope, or `undefined` for tools, tests, examples and so on. */
  readonly from: string | undefined
  readonly file: string
  readonly to: string
  /** The part after the package's name: `.` or `./transport`. */
  readonly entry: string
  readonly entries: readonly string[]
  readonly typeOnly: boolean
}

/** Why the import breaks a rule, or `undefined` when it breaks none. */
export function packageViolation(given: PackageImport): string | undefined {
  const { from, to, entry, entries, file } = given
  if (!entries.includes(entry)) {
    return `@dashi/${to} has no entry "${entry}" in its exports (it has ${entries.join(', ') || 'none'})`
  }
  if (from === undefined || from === to || testFile.test(file)) return undefined
  if (testOnlyPackages.includes(to)) return `only *.test.ts and *.bench.ts may import @dashi/${to}`
  return directionViolation(from, given)
}

function directionViolation(from: string, { to, typeOnly }: PackageImport): string | undefined {
  const isTransport = packageRules[from] === undefined
  const allowed = packageRules[from] ?? transportRule
  if (!allowed.includes(to)) {
    const list = allowed.map((name) => `@dashi/${name}`).join(', ') || 'no other package'
    return `@dashi/${from} may import ${list}`
  }
  if (isTransport && to === 'tasks' && !typeOnly) {
    return `a transport may import @dashi/tasks only with "import type"`
  }
  return undefined
}
