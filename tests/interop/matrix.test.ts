import { expect, test } from 'vitest'
import {
  bodyKinds,
  brokerNames,
  type Cell,
  cellName,
  cellsOf,
  compressionNames,
  exchangeKinds,
  pairingName,
  pairings,
} from './matrix.ts'

const cells = pairings().flatMap(cellsOf)

test('pairings() has each pair with Kombu on an end once for each broker', () => {
  const names = pairings().map(pairingName)
  expect(names).toHaveLength((3 * 3 - 1) * 4)
  expect(new Set(names).size).toBe(names.length)
  expect(names.filter((name) => name.startsWith('dashi > dashi'))).toEqual([])
})

test('cellsOf() has each combination once', () => {
  const names = cells.map(cellName)
  expect(names).toHaveLength(32 * 5 * 7 * 6)
  expect(new Set(names).size).toBe(names.length)
  expect(names).toContain('dashi > kombu52 rabbitmq headers yaml zstd')
  expect(names).toContain('kombu56 > kombu56 filesystem default bytes none')
})

test('the matrix spans what it says', () => {
  const valuesOf = (key: keyof Cell) => new Set(cells.map((cell) => cell[key]))
  expect(valuesOf('broker')).toEqual(new Set(brokerNames))
  expect(valuesOf('exchange')).toEqual(new Set(exchangeKinds))
  expect(valuesOf('body')).toEqual(new Set(bodyKinds))
  expect(valuesOf('compression')).toEqual(new Set(compressionNames))
})

test('only what Kombu cannot do is impossible', () => {
  const impossible = cells.filter((cell) => cell.impossible !== undefined)
  const places = impossible.map(({ publisher, broker, exchange }) => {
    const who = publisher === 'dashi' ? 'dashi' : 'kombu'
    return `${who} ${broker} ${exchange}`
  })
  expect([...new Set(places)].toSorted()).toEqual([
    'dashi filesystem headers',
    'dashi redis headers',
    'dashi sqlite headers',
    'kombu filesystem fanout',
    'kombu filesystem headers',
    'kombu redis headers',
    'kombu sqlite fanout',
    'kombu sqlite headers',
  ])
  const fanouts = impossible.filter(({ broker, exchange }) => broker === 'filesystem' && exchange === 'fanout') // biome-ignore format: one line
  expect(new Set(fanouts.map(({ publisher }) => publisher))).toEqual(new Set(['kombu52']))
})
