import { expect, test } from 'vitest'
import { LocalBindingTable } from './local-binding-table.ts'
import type { StoredBinding } from './queue-store.ts'

function binding(exchange: string, queue: string, routingKey = 'k'): StoredBinding {
  return { exchange, exchangeType: 'direct', queue, routingKey, arguments: {} }
}

test('a binding is there once, until it is unbound with the same arguments', async () => {
  const table = new LocalBindingTable()
  const withArguments = { ...binding('e', 'q'), arguments: { 'x-match': 'any' } }
  await table.bind(binding('e', 'q'))
  await table.bind(binding('e', 'q'))
  await table.bind(withArguments)
  expect(await table.lookup('e')).toEqual([binding('e', 'q'), withArguments])
  await table.unbind(binding('e', 'q'))
  await table.unbind(binding('unknown', 'q'))
  expect(await table.lookup('e')).toEqual([withArguments])
})

test('a removed queue takes its bindings to every exchange with it', async () => {
  const table = new LocalBindingTable()
  for (const exchange of ['e', 'f'])
    for (const queue of ['q', 'r']) await table.bind(binding(exchange, queue))
  await table.removeQueue('q')
  expect(await table.lookup('e')).toEqual([binding('e', 'r')])
  expect(await table.lookup('f')).toEqual([binding('f', 'r')])
})

test('a removed exchange has no type and no bindings', async () => {
  const table = new LocalBindingTable()
  await table.declareExchange('e', 'topic')
  await table.bind(binding('e', 'q'))
  expect(await table.exchangeType('e')).toBe('topic')
  await table.removeExchange('e')
  expect(await table.exchangeType('e')).toBeUndefined()
  expect(await table.lookup('e')).toEqual([])
})
