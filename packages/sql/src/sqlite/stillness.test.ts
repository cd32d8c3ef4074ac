import { expect, test } from 'vitest'
import { Stillness } from './stillness.ts'

test('a value counts from when it was first seen', () => {
  const stillness = new Stillness()
  expect(stillness.observe(1, 100, 5_000)).toBe(0)
  expect(stillness.observe(1, 100, 5_700)).toBe(700)
  expect(stillness.observe(2, 100, 5_700)).toBe(0)
  expect(stillness.observe(1, 101, 5_800)).toBe(0)
  expect(stillness.observe(1, 101, 5_900)).toBe(100)
})

test('keepOnly() and forget() start anew', () => {
  const stillness = new Stillness()
  stillness.observe(1, 100, 0)
  stillness.observe(2, 100, 0)
  stillness.keepOnly(new Set([2]))
  expect(stillness.observe(1, 100, 10)).toBe(0)
  expect(stillness.observe(2, 100, 10)).toBe(10)
  stillness.forget()
  expect(stillness.observe(2, 100, 20)).toBe(0)
})
