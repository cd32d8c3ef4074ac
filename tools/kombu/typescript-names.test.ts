import { expect, test } from 'vitest'
import { temporaryTree } from '../temporary-tree.ts'
import { TypeScriptNames } from './typescript-names.ts'

function manifest(name: string): string {
  const source = (file: string) => ({ '@dashi/source': `./src/${file}.ts` })
  return JSON.stringify({ name, exports: { '.': source('index'), './deep': source('deep') } })
}

const files = {
  'packages/a/package.json': manifest('@dashi/a'),
  'packages/a/src/index.ts': `export { B } from './b.ts'\nexport type { Options } from './b.ts'\nexport { type Wide } from './wide.ts'\n`,
  'packages/a/src/deep.ts': 'export const deep = 1\n',
  'packages/a/src/b.ts':
    `import { Base as Origin } from './base.ts'\nexport interface Options { readonly one?: string }\n` +
    `export class B extends Origin { readonly field = 1; #secret = 2; private hidden = 3; get value() { return 1 }; run(): void {} }\n`,
  'packages/a/src/base.ts':
    'export abstract class Base { static make(): void {}; abstract stop(): void }\n',
  'packages/a/src/wide.ts': `import type { Options } from './b.ts'\nexport interface Wide extends Omit<Options, 'two'> { readonly two: string }\n`,
  'packages/b/package.json': manifest('@dashi/b'),
  'packages/b/src/index.ts': `import { Base } from '@dashi/b/deep'\nexport class C extends Base {}\n`,
  'packages/b/src/deep.ts': 'export class Base { inherited(): void {} }\n',
}

test.each(['B', 'Options', 'deep', '@dashi/a', '@dashi/a/deep'])('%s is there', (name) => {
  using tree = temporaryTree(files)
  expect(new TypeScriptNames(tree.root).has(name)).toBe(true)
})

test.each(['A', 'Base.nothing', '@dashi/c', '@dashi/a/none', 'B.value.more'])(
  '%s is not there',
  (name) => {
    using tree = temporaryTree(files)
    expect(new TypeScriptNames(tree.root).has(name)).toBe(false)
  },
)

test.each([
  ['B', 'field', true],
  ['B', 'value', true],
  ['B', 'run', true],
  ['B', 'stop', true],
  ['B', 'make', true],
  ['B', 'secret', false],
  ['B', 'hidden', false],
  ['Options', 'one', true],
  ['Options', 'two', false],
  ['Wide', 'one', true],
  ['Wide', 'two', true],
  ['C', 'inherited', true],
])('%s has %s: %s', (owner, member, expected) => {
  using tree = temporaryTree(files)
  const names = new TypeScriptNames(tree.root)
  expect(names.has(`${owner}.${member}`)).toBe(expected)
  expect(names.has(member, [owner])).toBe(expected)
})
