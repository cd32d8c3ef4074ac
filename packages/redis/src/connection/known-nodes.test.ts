import { expect, test } from 'vitest'
import { KnownNodes } from './known-nodes.ts'

const [a, b, c] = [1, 2, 3].map((port) => ({ host: 'h', port }))

test('the address of the options comes first, until it fails', () => {
  const nodes = new KnownNodes()
  expect(nodes.inTurn).toEqual([undefined])
  nodes.remember([a, b].flatMap((node) => node ?? []))
  expect(nodes.inTurn).toEqual([undefined, a, b])
  nodes.failed(undefined)
  expect(nodes.inTurn).toEqual([a, b, undefined])
})

test('the order outlives what is learned, and who left the cluster is forgotten', () => {
  const nodes = new KnownNodes()
  nodes.remember([a, b].flatMap((node) => node ?? []))
  nodes.failed(nodes.inTurn[0])
  nodes.failed(nodes.inTurn[0])
  nodes.remember([{ host: 'h', port: 2 }, c ?? { host: '', port: 0 }])
  expect(nodes.inTurn).toEqual([b, undefined, c])
})
