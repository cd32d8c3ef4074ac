import { expect, test } from 'vitest'
import { kombuTests } from './kombu-tests.ts'
import { mirrors, unmirrored } from './mirrors.ts'

test("each of Kombu's tests has a mirror, or a reason why not", () => {
  expect(unmirrored()).toEqual([])
})

test("every mirror has the name of a test of Kombu's that is not outside", () => {
  const inside = kombuTests.filter(({ outside }) => outside === undefined)
  expect(Object.keys(mirrors).toSorted()).toEqual(inside.map(({ name }) => name).toSorted())
})

test('no name is there twice', () => {
  const names = kombuTests.map(({ name }) => name)
  expect(new Set(names).size).toBe(names.length)
})

test('unmirrored() tells what is missing', () => {
  const lost = { file: 'common.py', name: 'BaseMessage.test_lost', outside: undefined }
  const excused = { ...lost, name: 'BaseMessage.test_excused', outside: 'no such broker' }
  const known = { 'BaseMessage.test_kept': { sides: 'ours', places: [], run: () => Promise.resolve() } } as const // biome-ignore format: one line
  const kept = { ...lost, name: 'BaseMessage.test_kept' }
  expect(unmirrored([lost, excused, kept], known)).toEqual([lost])
})
