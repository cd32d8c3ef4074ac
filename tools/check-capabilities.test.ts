import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { capabilityErrors } from './check-capabilities.ts'
import { temporaryTree } from './temporary-tree.ts'

const pages = 'docs/transports'

test('the pages of the transports are up to date', () => {
  expect(capabilityErrors(process.cwd())).toEqual([])
})

test('a stale table is reported, and mended with what was around it', () => {
  using tree = temporaryTree({})
  cpSync(pages, join(tree.root, pages), { recursive: true })
  const path = join(tree.root, pages, 'redis.md')
  const page = readFileSync(path, 'utf8')
  writeFileSync(path, page.replace('| priorities | low first |', '| priorities | no |'))
  expect(capabilityErrors(tree.root)).toEqual([expect.stringContaining('redis.md: its capab')])
  expect(capabilityErrors(tree.root, true)).toEqual([])
  expect(readFileSync(path, 'utf8')).toBe(page)
})

test('a page without markers is reported', () => {
  using tree = temporaryTree({})
  cpSync(pages, join(tree.root, pages), { recursive: true })
  writeFileSync(join(tree.root, pages, 'amqp.md'), '# amqp\n')
  expect(capabilityErrors(tree.root, true)).toEqual([expect.stringContaining('amqp.md: has no')])
})
