import { expect, test } from 'vitest'
import { rowsOf } from './page.ts'

const table = (head: string, ...rows: readonly string[]) =>
  ['', head, '| --- | --- |', ...rows, ''].join('\n')

test('names belong to what heads their column', () => {
  const page = table(
    '| `kombu.entity.Queue` | `Queue` |',
    '| `declare`, `delete(if_unused)` | `declare`, `delete(channel)` |',
  )
  expect(rowsOf(page)).toEqual([
    {
      line: 4,
      kombu: ['entity.Queue.declare', 'entity.Queue.delete'],
      typescript: ['declare', 'delete(channel)'],
      owners: ['Queue'],
      reason: undefined,
    },
  ])
})

test('the root has no prefix, and parameters are in brackets', () => {
  const page =
    table('| `kombu` | package |', '| `Queue` | `Queue` |') +
    table('| `kombu.entity.Queue(…)` | `QueueOptions` |', '| `durable` | `durable` |')
  expect(rowsOf(page).flatMap(({ kombu }) => kombu)).toEqual(['Queue', 'entity.Queue(durable)'])
})

test('words after a colon are not names, words in code are', () => {
  const page = table('| `kombu` | x |', '| `a` | `b({ c: 1 })`; `d`: as `e` has it |')
  expect(rowsOf(page)).toMatchObject([{ typescript: ['b({ c: 1 })', 'd'] }])
})

test('a dash begins a reason', () => {
  const page = table('| `kombu` | x |', '| `a` | – `b` is in the language |', '| `c` | – |')
  expect(rowsOf(page)).toMatchObject([
    { reason: '`b` is in the language', typescript: [] },
    { reason: '' },
  ])
})

test('tables about something else do not count', () => {
  const page =
    table('| in Kombu | in Dashi |', '| `a` | `b` |') +
    '\n| `kombu` | here | why |\n| --- | --- | --- |\n| `a` | `b` | c |\n'
  expect(rowsOf(page)).toEqual([])
})
