import { expect, test } from 'vitest'

test('tests run on the Node that the lock file pins', () => {
  expect(Number(process.versions.node.split('.')[0])).toBeGreaterThanOrEqual(24)
})
