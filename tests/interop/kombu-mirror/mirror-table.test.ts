import { expect, test } from 'vitest'
import type { KombuTest } from './kombu-tests.ts'
import { MirrorTable } from './mirror-table.ts'

const tests: readonly KombuTest[] = [
  { file: 'a.py', name: 'One.test_x', outside: undefined },
  { file: 'a.py', name: 'One.test_longer', outside: undefined },
  { file: 'b.py', name: 'test_out', outside: 'no such broker' },
  { file: 'b.py', name: 'test_lost', outside: undefined },
]

function trial(test: string, place: string) {
  return { name: test, group: '', impossible: undefined, mirrors: { test, place } }
}

function lines(table: MirrorTable): readonly string[] {
  return table.rows().map((row) => row.replace(/ +/g, ' '))
}

test('a row for each test, with a column for each place and the verdict', () => {
  const table = new MirrorTable(tests)
  table.add([trial('One.test_x', 'redis'), trial('One.test_x', 'redis')], [undefined, undefined])
  table.add([trial('One.test_longer', 'redis')], [undefined])
  table.add([trial('One.test_longer', 'sqlite')], ['torn'])
  expect(lines(table)).toEqual([
    'test of Kombu rabbitmq redis redis-prefix sqlite filesystem verdict',
    'a.py One.test_x - 2/2 - - - passed',
    'a.py One.test_longer - 1/1 - 0/1 - FAILED',
    'b.py test_out - - - - - outside: no such broker',
    'b.py test_lost - - - - - NOT TRIED',
  ])
})

test('its columns are under each other', () => {
  const table = new MirrorTable(tests)
  table.add([trial('One.test_x', 'rabbitmq')], [undefined])
  const columns = table.rows().map((row) => row.search(/rabbitmq|1\/1| - /))
  expect(new Set(columns.map((at, index) => (index < 2 ? at : at + 1))).size).toBe(1)
})

test('an outcome that is missing is no pass, and other trials are not looked at', () => {
  const table = new MirrorTable(tests)
  table.add([{ name: 'cell', group: '', impossible: undefined }], [undefined])
  expect(table.rows()).toEqual([])
  table.add([trial('One.test_x', 'redis')], [])
  expect(lines(table)[1]).toBe('a.py One.test_x - 0/1 - - - FAILED')
})
