import { describe, expect, test } from 'vitest'
import { ConfigurationError } from '../errors.ts'
import { defaultMatchers, MatcherRegistry, match } from './matcher.ts'

describe('match()', () => {
  test('matches by glob if not told otherwise', () => {
    expect(match('worker1@example.com', 'worker?@*')).toBe(true)
    expect(match('worker1@example.com', 'worker')).toBe(false)
  })

  test('matches by regular expression', () => {
    expect(match('worker1@example.com', 'worker[0-9]', 'pcre')).toBe(true)
    expect(match('my-worker1', 'worker', 'pcre')).toBe(false)
  })

  test('refuses a matcher that is not there', () => {
    expect(() => match('a', 'a', 'soundex')).toThrow(ConfigurationError)
    expect(() => match('a', 'a', 'soundex')).toThrow(
      /No matcher "soundex" is registered; there are glob, pcre/,
    )
  })
})

describe('MatcherRegistry', () => {
  test('is a value: with() and without() make others', () => {
    const more = defaultMatchers.with('suffix', (text, pattern) => text.endsWith(pattern))
    expect(more.names).toEqual(['glob', 'pcre', 'suffix'])
    expect(more.match('worker1', '1', 'suffix')).toBe(true)
    expect(more.without('pcre').names).toEqual(['glob', 'suffix'])
    expect(defaultMatchers.names).toEqual(['glob', 'pcre'])
  })

  test('replaces a matcher of the same name', () => {
    const never = defaultMatchers.with('glob', () => false)
    expect(never.match('a', '*')).toBe(false)
    expect(never.names).toEqual(['glob', 'pcre'])
  })

  test('cannot lose what it does not have', () => {
    expect(() => new MatcherRegistry().without('glob')).toThrow(/there are none/)
  })
})
