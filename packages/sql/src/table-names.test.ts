import { expect, test } from 'vitest'
import { tableNamePattern, tableNames } from './table-names.ts'

test("our tables carry the message table's name unless it is Kombu's", () => {
  expect(tableNames('kombu_queue', 'kombu_message')).toMatchObject({
    message: '"kombu_message"',
    lease: '"dashi_lease"',
    messageIndex: '"dashi_waiting"',
  })
  expect(tableNames('kombu_queue', 'jobs')).toMatchObject({
    queue: '"kombu_queue"',
    message: '"jobs"',
    lease: '"dashi_lease_jobs"',
    messageIndex: '"dashi_waiting_jobs"',
  })
})

test('a table name is letters, digits and underscores', () => {
  for (const name of ['kombu_queue', '_x', 'A1']) expect(name).toMatch(tableNamePattern)
  for (const name of ['', '1a', 'a-b', 'a"b', 'a b', 'ä'])
    expect(name).not.toMatch(tableNamePattern)
})
