import { expect, test } from 'vitest'
import { layerErrors } from './check-layers.ts'
import { temporaryTree } from './temporary-tree.ts'

const manifest = JSON.stringify({ exports: { '.': {}, './transport': {} } })
const manifests = Object.fromEntries(
  ['messaging', 'redis', 'sql', 'tasks', 'conformance'].map((name) => [
    `packages/${name}/package.json`,
    manifest,
  ]),
)

function check(files: Readonly<Record<string, string>>): readonly string[] {
  using tree = temporaryTree({ ...manifests, ...files })
  return layerErrors(tree.root)
}

test('an import against the layers of messaging names file, import and rule', () => {
  const errors = check({
    'packages/messaging/src/codec/json.ts': `import { x } from '../errors.ts'\nimport { Connection } from '../connection/connection.ts'\n`,
    'packages/messaging/src/connection/connection.ts': `import { y } from '../codec/json.ts'\n`,
  })
  expect(errors).toHaveLength(1)
  expect(errors[0]).toContain('packages/messaging/src/codec/json.ts:2')
  expect(errors[0]).toContain('"../connection/connection.ts"')
  expect(errors[0]).toContain('"codec/" (layer 1) may not import "connection/" (layer 4)')
})

test.each([
  ['export * from', `export * from '../connection/a.ts'`],
  ['export { } from', `export { a } from '../connection/a.ts'`],
  ['import type', `import type { A } from '../connection/a.ts'`],
  ['import()', `export const a = () => import('../connection/a.ts')`],
])('%s counts as an import', (_form, source) => {
  expect(check({ 'packages/messaging/src/codec/a.ts': source })).toHaveLength(1)
})

test('comments and texts that look like imports do not count', () => {
  const source = `/** import { x } from '../connection/a.ts' */\nexport const text = "import '../index.ts'"\n`
  expect(check({ 'packages/messaging/src/codec/a.ts': source })).toEqual([])
})

test('transport.ts is an entry, the folder transport/ a low layer', () => {
  const errors = check({
    'packages/messaging/src/transport.ts': `export * from './transport/transport.ts'\nexport * from './virtual/a.ts'\n`,
    'packages/messaging/src/transport/transport.ts': `import '../virtual/a.ts'\n`,
  })
  expect(errors).toEqual([expect.stringContaining('src/transport/transport.ts:1')])
})

test('a file that the table does not name is above connection and below index', () => {
  const errors = check({
    'packages/messaging/src/producer.ts': `import './connection/a.ts'\nimport './index.ts'\n`,
    'packages/messaging/src/connection/a.ts': `import '../producer.ts'\n`,
  })
  expect(errors).toEqual([
    expect.stringContaining('connection/a.ts:1'),
    expect.stringContaining('producer.ts:2'),
  ])
})

test('tests inside messaging may import any layer', () => {
  const source = `import '../index.ts'\nimport '@dashi/conformance'\n`
  expect(check({ 'packages/messaging/src/codec/json.test.ts': source })).toEqual([])
})

test.each([
  ['transports do not know each other', 'redis', `import '@dashi/sql'`, '@dashi/redis may import'],
  ['messaging imports no package', 'messaging', `import '@dashi/redis'`, 'may import no other'],
  ['tasks knows no transport', 'tasks', `import '@dashi/redis'`, 'may import @dashi/messaging'],
  ['only through exports', 'redis', `import '@dashi/messaging/src/a.ts'`, 'has no entry'],
  ['by name', 'redis', `import '../../messaging/src/a.ts'`, 'imported by name'],
  ['nothing outside', 'redis', `import '../../../tools/a.ts'`, 'outside itself'],
  ['tasks as types', 'redis', `import { a } from '@dashi/tasks'`, '"import type"'],
  ['suites in tests', 'redis', `import '@dashi/conformance'`, 'only *.test.ts and *.bench.ts'],
])('between packages: %s', (_rule, name, source, message) => {
  const errors = check({ [`packages/${name}/src/index.ts`]: source })
  expect(errors).toEqual([expect.stringContaining(message)])
})

test('a transport may import messaging, its transport entry, and types of tasks', () => {
  const source = `import '@dashi/messaging'\nimport '@dashi/messaging/transport'\nimport type { A } from '@dashi/tasks'\n`
  expect(check({ 'packages/redis/src/index.ts': source })).toEqual([])
})

test('files outside packages import packages by name only', () => {
  const errors = check({
    'tests/e2e/a.test.ts': `import '@dashi/redis'\nimport '../../packages/redis/src/index.ts'\nimport './b.ts'\n`,
  })
  expect(errors).toEqual([expect.stringContaining('tests/e2e/a.test.ts:2')])
})
