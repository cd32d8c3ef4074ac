import { expect, test } from 'vitest'
import { brokersFor } from './projects.ts'

test('a run of everything needs each broker once', () => {
  expect(brokersFor([])).toEqual(['redis', 'python', 'rabbitmq', 'valkey'])
})

test('unit tests need no broker', () => {
  expect(brokersFor(['unit'])).toEqual([])
})
