import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { docErrors } from './check-docs.ts'
import { temporaryTree } from './temporary-tree.ts'

const manifest = JSON.stringify({
  exports: { '.': { '@dashi/source': './src/index.ts' }, './package.json': './package.json' },
})

function check(files: Readonly<Record<string, string>>): readonly string[] {
  using tree = temporaryTree(files)
  execFileSync('git', ['init', '-q'], { cwd: tree.root })
  return docErrors(tree.root)
}

function checkSources(files: Readonly<Record<string, string>>): readonly string[] {
  const sources = Object.entries(files).map(([name, text]) => [`packages/a/src/${name}`, text])
  return check({ 'packages/a/package.json': manifest, ...Object.fromEntries(sources) })
}

test('an exported name without a doc comment is reported where it is declared', () => {
  const errors = checkSources({
    'index.ts': `export * from './b.ts'\n`,
    'b.ts': `/** Good. */\nexport const good = 1\n\nexport interface Bad {}\n`,
  })
  expect(errors).toEqual([expect.stringContaining('packages/a/src/b.ts:4: "Bad" is exported')])
})

test('names that the entry does not export need no comment', () => {
  const source = `/** A. */\nexport const a = 1\nexport const b = 2\n`
  expect(checkSources({ 'index.ts': `export { a } from './b.ts'\n`, 'b.ts': source })).toEqual([])
})

test('a renamed and a separate export are followed to their declarations', () => {
  const errors = checkSources({
    'index.ts': `export { a as c, type B } from './b.ts'\n`,
    'b.ts': `async function a() {}\n/** B. */\ntype B = string\nexport { a, type B }\n`,
  })
  expect(errors).toEqual([expect.stringContaining('packages/a/src/b.ts:1: "c"')])
})

test('one comment speaks for all overloads, a line comment for none', () => {
  const errors = checkSources({
    'index.ts':
      `/** F. */\nexport function f(a: string): void\nexport function f(a: number): void\n` +
      `export function f() {}\n// not a doc comment\nexport class C {}\n`,
  })
  expect(errors).toEqual([expect.stringContaining('index.ts:6: "C"')])
})

test('a re-export from another package is documented there', () => {
  expect(checkSources({ 'index.ts': `export { x } from '@dashi/messaging'\n` })).toEqual([])
})

test('an entry point without a file is reported', () => {
  expect(checkSources({})).toEqual([expect.stringContaining('does not exist')])
})

test('broken relative links and headings are reported', () => {
  const errors = check({
    'README.md':
      '# One\n## Two words, and `code`\n[a](docs/a.md) [b](docs/b.md#top "T") [c](#two-words-and-code)\n' +
      '[d](#nowhere) [e](https://example.com/none) `[f](none.md)`\n```\n[g](none.md)\n```\n',
    'docs/b.md': '[up](../README.md#one)\n[r]: ./none.md\n',
  })
  expect(errors).toEqual([
    expect.stringContaining('README.md:3: the link "docs/a.md"'),
    expect.stringContaining('README.md:3: the link "docs/b.md#top" names a heading'),
    expect.stringContaining('README.md:4: the link "#nowhere"'),
    expect.stringContaining('docs/b.md:2: the link "./none.md"'),
  ])
})

test('paths of one machine and hosts of registries are reported', () => {
  const host = ['registry', 'npmjs', 'org'].join('.')
  const path = ['', 'root', 'x'].join('/')
  const errors = check({ 'a.txt': `fine\nsee ${path}\nfrom ${host}/a\nuse packages${path}\n` })
  expect(errors).toEqual([
    expect.stringContaining('a.txt:2: "/'),
    expect.stringContaining(`a.txt:3: "${host}"`),
  ])
})
