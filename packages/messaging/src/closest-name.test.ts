import { describe, expect, test } from 'vitest'
import { closestName } from './closest-name.ts'

const names = ['transport', 'redis', 'rediss', 'amqp', 'amqps', 'visibilityTimeoutMs', 'memory']

describe('closestName()', () => {
  test.each([
    ['redsi', 'redis'],
    ['amqp', 'amqp'],
    ['ampqs', 'amqps'],
    ['visibility_timeout', 'visibilityTimeoutMs'],
    ['MEMORY', 'memory'],
    ['redisss', 'rediss'],
    ['transp', 'transport'],
    ['amp', 'amqp'],
    ['mamqp', 'amqp'],
  ])('finds what %s means', (wanted, expected) => {
    expect(closestName(wanted, names)).toBe(expected)
  })

  test('takes the first of several that are as near', () => {
    expect(closestName('abx', ['abc', 'abd'])).toBe('abc')
  })

  test.each(['kafka', 'x', '', 'r', 'aqpm'])('does not guess for %j', (wanted) => {
    expect(closestName(wanted, names)).toBeUndefined()
  })

  test('does not work itself to death on a long name', () => {
    expect(closestName('x'.repeat(1_000_000), names)).toBeUndefined()
  })
})
