import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

interface ForbiddenText {
  readonly pattern: RegExp
  readonly reason: string
}

// Written so that the patterns do not match themselves.
const forbidden: readonly ForbiddenText[] = [
  {
    pattern: /(?<![\w.*-])\/(?:work|root)\/[\w.~-]/,
    reason: 'is a path of one machine; write it relative to the repository',
  },
  {
    pattern:
      /\b(?:registry\.(?:npmjs|yarnpkg)|(?:files\.)?pythonhosted|pypi|proxy\.golang|(?:static\.|index\.)?crates|(?:deb|security)\.debian|repo1?\.maven(?:\.apache)?)\.(?:org|com|io)\b/,
    reason: 'is the host of a package registry; leave it to the configuration of the machine',
  },
]

/** The lines in the files of the repository that hold a text that must not be in it. */
export function forbiddenTexts(root: string): readonly string[] {
  return repositoryFiles(root).flatMap((file) => {
    const content = readText(join(root, file))
    return content.split('\n').flatMap((line, index) =>
      forbidden.flatMap(({ pattern, reason }) => {
        const [text] = pattern.exec(line) ?? []
        return text === undefined ? [] : [`${file}:${index + 1}: "${text}" ${reason}`]
      }),
    )
  })
}

/** What is committed and what could be: files that git neither has nor ignores count too. */
function repositoryFiles(root: string): readonly string[] {
  const list = execFileSync('git', ['ls-files', '-z', '-co', '--exclude-standard'], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  })
  return list.split('\0').filter((file) => file !== '')
}

/** The text of a file; empty when it is binary, or was removed since git listed it. */
function readText(path: string): string {
  try {
    const text = readFileSync(path, 'utf8')
    return text.includes('\0') ? '' : text
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return ''
    throw error
  }
}
