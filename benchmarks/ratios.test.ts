import { expect, test } from 'vitest'
import { median, ratios, rounded } from './ratios.ts'

test('median() takes the middle, or the mean of both', () => {
  expect(median([3, 1, 2])).toBe(2)
  expect(median([4, 1, 2, 3])).toBe(2.5)
})

test('ratios() pairs the rounds, so that a slow round of both changes nothing', () => {
  expect(ratios([100, 50], [50, 25])).toEqual([2, 2])
})

test('rounded() keeps two digits', () => {
  expect(rounded(1.23456)).toBe(1.23)
})
