import { memory, type Transport } from '@dashi/messaging'
import { expect, test } from 'vitest'
import { capabilityTable } from './capability-table.ts'

function tableOf(capabilities: Partial<Transport['capabilities']>): string {
  const transport = memory()
  return capabilityTable({
    ...transport,
    capabilities: { ...transport.capabilities, ...capabilities },
  })
}

test('an answer has the cases that are there because of it', () => {
  expect(tableOf({ priorities: false })).toContain(
    '| priorities | no | priorities do not change the order |',
  )
  expect(tableOf({ priorities: 'low-first' })).toMatch(
    /\| priorities \| low first \| the lowest priority is served first.*; \d+ more \|/,
  )
})

test('an exchange type that is not there is refused, and the suite sees to it', () => {
  const table = tableOf({ exchangeTypes: ['direct', 'fanout', 'topic'] })
  expect(table).toMatch(/\| headers exchanges \| no \| exchanges of type headers are refused/)
  expect(table).toMatch(/\| topic exchanges \| yes \| topic: /)
})

test('what the suite does not look at says so', () => {
  expect(tableOf({})).toContain('| heartbeats of the protocol | no | – |')
})
