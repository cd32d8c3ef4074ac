import fc from 'fast-check'
import { expect, test } from 'vitest'
import { byAge, fileNameOf, MessageNames, nameOf, nameProblem, queueOf } from './file-names.ts'

const awkward = fc.string({ unit: fc.constantFrom('%', '2', 'F', '0', '5', '/', '\0', 'a', '.') })

test('a queue of any name is found in its file names', () => {
  const names = new MessageNames()
  fc.assert(
    fc.property(fc.oneof(awkward, fc.string({ unit: 'binary' })), (queue) => {
      fc.pre(queue !== '')
      const name = names.next(queue)
      expect(queueOf(name)).toBe(queue)
      expect(name).not.toMatch(/[/\0]/)
    }),
  )
})

test('different names stay different, and ordinary ones as they are', () => {
  fc.assert(fc.property(awkward, (name) => nameOf(fileNameOf(name)) === name))
  for (const name of ['celery', 'a.b', '100%', 'x%zz', 'ü\\']) expect(fileNameOf(name)).toBe(name)
})

test('the shape is Kombu’s: milliseconds of the monotonic clock and a UUID of version 4', () => {
  const name = new MessageNames().next('q.a')
  const uuid = '[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}'
  expect(name).toMatch(new RegExp(`^\\d+_${uuid}\\.q\\.a\\.msg$`))
  const ms = Number(process.hrtime.bigint() / 1_000_000n)
  expect(Math.abs(Number(name.split('_', 1)[0]) - ms)).toBeLessThan(1_000)
})

test('names sort in the order in which they were made, as text too', () => {
  const names = new MessageNames()
  const made = Array.from({ length: 5_000 }, () => names.next('q'))
  expect(made.toSorted(byAge)).toEqual(made)
  expect(made.toSorted()).toEqual(made)
})

test('a number with more digits is younger', () => {
  const [old, young] = ['999_b.q.msg', '1000_a.q.msg']
  expect([young, old].toSorted(byAge)).toEqual([old, young])
})

test('what is no message has no queue', () => {
  for (const name of ['.dashi-held', '1_a.q.msg.tmp', 'q.msg', '.1.q.msg', '1_a..msg', 'x'])
    expect(queueOf(name)).toBeUndefined()
})

test('an empty name and one that is too long are refused', () => {
  expect(nameProblem('')).toContain('empty')
  expect(nameProblem('x'.repeat(190))).toBeUndefined()
  expect(nameProblem('ü'.repeat(96))).toContain('192 bytes')
})
