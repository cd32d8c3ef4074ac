import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { matchGlob } from './glob.ts'

const sources: Readonly<Record<string, string>> = {
  '*': '.*',
  '?': '.',
  '[!a]': '[^a]',
  '.': String.raw`\.`,
}

describe('matchGlob()', () => {
  // What fnmatch.fnmatch() of Python 3.11 answers.
  test.each<[pattern: string, matching: readonly string[], others: readonly string[]]>([
    ['', [''], ['a']],
    ['*', ['', 'a', 'a/b', 'a\nb', '\u{1f600}'], []],
    ['?', ['a', '\n', '\u{1f600}', '?'], ['', 'ab']],
    ['w*@*.com', ['w1@h.com', 'w@.com'], ['w1@h.org', 'w1h.com', 'xw1@h.com']],
    ['a*b*c', ['abc', 'aXbYc', 'abbcc', 'abcbc'], ['ab', 'acb', 'abcx']],
    ['**', ['', 'a'], []],
    ['[ab]', ['a', 'b'], ['c', 'ab', '[ab]']],
    ['[!ab]', ['c', '!'], ['a', 'b', '']],
    ['[a-c]x', ['ax', 'bx', 'cx'], ['dx', '-x']],
    ['[]]', [']'], ['[', '']],
    ['[!]]', ['['], [']']],
    ['[]-a]', [']', '^', 'a'], ['-', 'b']],
    ['[a-]', ['a', '-'], ['b']],
    ['[-a]', ['a', '-'], ['b']],
    ['[a-c-e]', ['b', '-', 'e'], ['d']],
    ['[z-a]', [], ['z', 'a', '-']],
    ['[!z-a]', ['z', 'a', '-'], ['']],
    ['[^a]', ['^', 'a'], ['b']],
    ['[a', ['[a'], ['a']],
    ['[!', ['[!'], ['[', '!']],
    ['[]', ['[]'], ['', '[']],
    ['[!]', ['[!]'], ['a']],
    ['[*]', ['*'], ['a']],
    ['[?]', ['?'], ['a']],
    ['[\u{1f600}-\u{1f602}]', ['\u{1f601}'], ['\ud83d', '\u{1f603}']],
    ['a\\*', ['a\\', 'a\\b'], ['a*']],
    ['a.b', ['a.b'], ['axb']],
    ['(a|b)+$', ['(a|b)+$'], ['a']],
    ['A', ['A'], ['a']],
  ])('%j', (pattern, matching, others) => {
    for (const text of matching) expect([text, matchGlob(text, pattern)]).toEqual([text, true])
    for (const text of others) expect([text, matchGlob(text, pattern)]).toEqual([text, false])
  })

  test('answers as a regular expression does', () => {
    const atom = fc.constantFrom('a', 'b', '*', '?', '[ab]', '[!a]', '.')
    const text = fc.string({ unit: fc.constantFrom('a', 'b', '.', '\n') })
    fc.assert(
      fc.property(fc.array(atom, { maxLength: 8 }), text, (atoms, given) => {
        const source = atoms.map((a) => sources[a] ?? a)
        const expected = new RegExp(`^(?:${source.join('')})$`, 's').test(given)
        expect(matchGlob(given, atoms.join(''))).toBe(expected)
      }),
      { numRuns: 2000 },
    )
  })

  test('is done soon with what would keep a regular expression busy', () => {
    // Backtracking would outlive the test's deadline by far.
    expect(matchGlob('a'.repeat(5000), `${'*a'.repeat(200)}*b`)).toBe(false)
  })
})
