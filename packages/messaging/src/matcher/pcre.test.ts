import { describe, expect, test } from 'vitest'
import { ConfigurationError } from '../errors.ts'
import { matchPcre } from './pcre.ts'

describe('matchPcre()', () => {
  // Python: bool(re.match(pattern, text)).
  test.each([
    ['worker1@host', 'worker', true],
    ['worker1@host', 'worker$', false],
    ['worker1@host', '^worker', true],
    ['worker1@host', 'host', false],
    ['worker1@host', '.*host$', true],
    ['worker1@host', 'a|worker', true],
    ['ab', 'b|c', false],
    ['worker-1', String.raw`worker\-\d+`, true],
    ['anything', '', true],
    ['', 'a?', true],
  ])('%j by %j: %s', (text, pattern, expected) => {
    expect(matchPcre(text, pattern)).toBe(expected)
  })

  test.each([
    [
      'no regular expression',
      '(',
      /Cannot match by the regular expression "\(": .*Unterminated group/,
    ],
    ['too long a pattern', 'a'.repeat(257), /it may have 256 characters/],
  ])('refuses %s', (_, pattern, message) => {
    expect(() => matchPcre('a', pattern)).toThrow(ConfigurationError)
    expect(() => matchPcre('a', pattern)).toThrow(message)
  })

  test('refuses too long a text', () => {
    expect(() => matchPcre('a'.repeat(1025), 'a')).toThrow(/the text 1024/)
  })

  test('takes the longest that there may be', () => {
    expect(matchPcre('a'.repeat(1024), 'a'.repeat(256))).toBe(true)
  })

  test('ends a search that would take years', () => {
    expect(() => matchPcre(`${'a'.repeat(1000)}!`, '(a+)+$')).toThrow(/timed out after 100ms/)
  })

  test('gives the expression nothing but the text', () => {
    expect(matchPcre('process', '"+process+"')).toBe(false)
  })
})
