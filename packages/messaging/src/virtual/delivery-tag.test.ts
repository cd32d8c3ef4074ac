import fc from 'fast-check'
import { expect, test } from 'vitest'
import { DeliveryTags, publishedAtMs } from './delivery-tag.ts'

test('a tag is a UUID that tells when it was made', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 2 ** 48 - 1 }), (now) => {
      const tag = new DeliveryTags(() => now).next()
      expect(tag).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/)
      expect(publishedAtMs(tag)).toBe(now)
    }),
  )
})

test('tags of one process are different and ascend, also within a millisecond', () => {
  const tags = new DeliveryTags(() => 1)
  const made = Array.from({ length: 5_000 }, () => tags.next())
  expect(new Set(made).size).toBe(made.length)
  expect([...made].sort()).toEqual(made)
})

test('two processes make different tags in the same millisecond', () => {
  expect(new DeliveryTags(() => 1).next()).not.toBe(new DeliveryTags(() => 1).next())
})

test.each([
  '',
  'tag',
  '96c74fba-fe1b-4c28-95ab-dfc1b8caed67',
  '018c0000-0000-7000-c000-000000000000',
])('the tag %j of a peer does not tell', (tag) => {
  expect(publishedAtMs(tag)).toBeUndefined()
})
