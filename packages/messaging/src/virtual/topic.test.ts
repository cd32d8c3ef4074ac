import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { kombuTopicPattern, matchAmqpTopic, matchKombuTopic } from './topic.ts'

/** What Kombu 5.6.2 on Python 3.11 answers: TopicExchange.key_to_pattern() and re.match(). */
const routingKeys = [
  '',
  'a',
  'b',
  'a.b',
  'a.c',
  'a.b.c',
  'a.x.b',
  'a.x.y.b',
  'a..b',
  'a.',
  '.a',
  '.',
  '..',
  '...',
  'x.b',
  'b.',
  'aa',
  'ab',
  'aab',
  'aaab',
  'aaac',
  'ab.c',
  'abb.c',
  'a.c.',
  'x',
  'ax',
  'a.x',
  'a..x',
  'a...x',
  'axx',
  'x.y',
  'x.y.z',
  'stock.eur.nyse',
  'stock.usd.db.nyse',
  'stock',
  't.1',
  't.1.2',
  'a.q.b-c_d.e',
  'a.q.b-c_d.',
  'a.q.b-c_d',
  'a b',
  '\u00e9.\u00fc',
  '\u00e9',
  '\ud83d\ude00.1',
  '\ud83d\ude00',
  'a.\ud83d\ude00',
  'a.\ud83d\ude00\ud83d\ude00',
  'a.#',
  'a.##',
  '#x',
  'x#',
  'a#.b',
  '\n',
  'a\n',
  'a.\n',
  'a.b\n',
  'a\nb',
  'a\nb\n',
  'a.x\ny.b',
  'b\n',
  '\n\n',
  'a.\n\n',
  '\n*',
  'a\u0000b',
  '(a|b)',
  '[ab].q',
  'a+.?',
  '$.^',
  'a\\.b',
  'x.y.',
  '*',
  '#',
  '**',
]

/** Binding key, its pattern, and for each of `routingKeys` whether it matches. */
const answers: readonly [bindingKey: string, pattern: string, matches: string][] = [
  ['', '^$', '1000000000000000000000000000000000000000000000000000100000000000000000000'],
  ['#', '^.*?$', '1111111111111111111111111111111111111111111111111111111100010001111111111'],
  ['*', '^.*?[^\\.]$', '0111111110100010111111101111111111111101111111111111111100011101111110111'],
  ['a', '^a$', '0100000000000000000000000000000000000000000000000000010000000000000000000'],
  [
    'a.*',
    '^a\\..*?[^\\.]$',
    '0001111110000000000000000011100000000101000001111000001100000100000000000',
  ],
  ['a.#', '^a\\..*?$', '0001111111000000000000010011100000000111000001111000001100000000000000000'],
  ['#.b', '^.*?\\.b$', '0001001110000010000000000000000000000000000000000001000100000000000010000'],
  [
    '*.b',
    '^.*?[^\\.]\\.b$',
    '0001001100000010000000000000000000000000000000000001000100000000000010000',
  ],
  [
    'a.#.b',
    '^a\\..*?\\.b$',
    '0000001110000000000000000000000000000000000000000000000000000000000000000',
  ],
  [
    'a.*.b',
    '^a\\..*?[^\\.]\\.b$',
    '0000001100000000000000000000000000000000000000000000000000000000000000000',
  ],
  [
    '*.*',
    '^.*?[^\\.]\\..*?[^\\.]$',
    '0001111110000010000001100011101111011101010101111001001100000100011110000',
  ],
  [
    '#.#',
    '^.*?\\..*?$',
    '0001111111111111000001110011101111011111010101111001001100000000011111000',
  ],
  [
    '*.#',
    '^.*?[^\\.]\\..*?$',
    '0001111111000011000001110011101111011111010101111001001100000000011111000',
  ],
  [
    '#.*',
    '^.*?\\..*?[^\\.]$',
    '0001111110100010000001100011101111011101010101111001001100000100011110000',
  ],
  [
    'a.*.*',
    '^a\\..*?[^\\.]\\..*?[^\\.]$',
    '0000011100000000000000000000000000000101000000000000000000000000000000000',
  ],
  [
    'a.*.#.b',
    '^a\\..*?[^\\.]\\..*?\\.b$',
    '0000000100000000000000000000000000000000000000000000000000000000000000000',
  ],
  [
    '#.a.#',
    '^.*?\\.a\\..*?$',
    '0000000000000000000000000000000000000000000000000000000000000000000000000',
  ],
  [
    '*.a.*',
    '^.*?[^\\.]\\.a\\..*?[^\\.]$',
    '0000000000000000000000000000000000000000000000000000000000000000000000000',
  ],
  [
    'a..b',
    '^a\\.\\.b$',
    '0000000010000000000000000000000000000000000000000000000000000000000000000',
  ],
  ['.', '^\\.$', '0000000000010000000000000000000000000000000000000000000000000000000000000'],
  [
    '*.',
    '^.*?[^\\.]\\.$',
    '0000000001000001000000010000000000000010000000000000001000000000000001000',
  ],
  [
    '.*',
    '^\\..*?[^\\.]$',
    '0000000000100000000000000000000000000000000000000000000000000000000000000',
  ],
  ['..', '^\\.\\.$', '0000000000001000000000000000000000000000000000000000000000000000000000000'],
  [
    'stock.*.nyse',
    '^stock\\..*?[^\\.]\\.nyse$',
    '0000000000000000000000000000000011000000000000000000000000000000000000000',
  ],
  [
    'stock.#',
    '^stock\\..*?$',
    '0000000000000000000000000000000011000000000000000000000000000000000000000',
  ],
  [
    'a.*.b-c_d.#',
    '^a\\..*?[^\\.]\\.b\\-c\\_d\\..*?$',
    '0000000000000000000000000000000000000110000000000000000000000000000000000',
  ],
  [
    't.*',
    '^t\\..*?[^\\.]$',
    '0000000000000000000000000000000000011000000000000000000000000000000000000',
  ],
  ['t', '^t$', '0000000000000000000000000000000000000000000000000000000000000000000000000'],
  ['a b', '^a\\ b$', '0000000000000000000000000000000000000000100000000000000000000000000000000'],
  [
    '\u00e9.*',
    '^\u00e9\\..*?[^\\.]$',
    '0000000000000000000000000000000000000000010000000000000000000000000000000',
  ],
  [
    '\ud83d\ude00.*',
    '^\\\ud83d\ude00\\..*?[^\\.]$',
    '0000000000000000000000000000000000000000000100000000000000000000000000000',
  ],
  ['a*', '^a*$', '1100000000000000100000000000000000000000000000000000110000000000000000000'],
  ['a*b', '^a*b$', '0010000000000000011100000000000000000000000000000000000000010000000000000'],
  [
    'ab*.c',
    '^ab*\\.c$',
    '0000100000000000000001100000000000000000000000000000000000000000000000000',
  ],
  ['a.*x', '^a\\.*x$', '0000000000000000000000000111100000000000000000000000000000000000000000000'],
  ['a.#*', '^a\\.#*$', '0000000001000000000000000000000000000000000000011000001000000000000000000'],
  ['#x', '^#x$', '0000000000000000000000000000000000000000000000000100000000000000000000000'],
  ['x#', '^x#$', '0000000000000000000000000000000000000000000000000010000000000000000000000'],
  ['a#.b', '^a#\\.b$', '0000000000000000000000000000000000000000000000000001000000000000000000000'],
  [
    'a.\ud83d\ude00*',
    '^a\\.\\\ud83d\ude00*$',
    '0000000001000000000000000000000000000000000001100000001000000000000000000',
  ],
  ['a\nb', '^a\\\nb$', '0000000000000000000000000000000000000000000000000000000011000000000000000'],
  [
    'a.\n',
    '^a\\.\\\n$',
    '0000000000000000000000000000000000000000000000000000001000000100000000000',
  ],
  [
    '*.\n',
    '^.*?[^\\.]\\.\\\n$',
    '0000000000000000000000000000000000000000000000000000001000000100000000000',
  ],
  [
    '#.\n',
    '^.*?\\.\\\n$',
    '0000000000000000000000000000000000000000000000000000001000000100000000000',
  ],
  ['\n*', '^\\\n*$', '1000000000000000000000000000000000000000000000000000100000001000000000000'],
  [
    'a\u0000b',
    '^a\\000b$',
    '0000000000000000000000000000000000000000000000000000000000000001000000000',
  ],
  [
    '(a|b)',
    '^\\(a\\|b\\)$',
    '0000000000000000000000000000000000000000000000000000000000000000100000000',
  ],
  [
    '[ab].*',
    '^\\[ab\\]\\..*?[^\\.]$',
    '0000000000000000000000000000000000000000000000000000000000000000010000000',
  ],
  [
    'a+.?',
    '^a\\+\\.\\?$',
    '0000000000000000000000000000000000000000000000000000000000000000001000000',
  ],
  [
    '$.^',
    '^\\$\\.\\^$',
    '0000000000000000000000000000000000000000000000000000000000000000000100000',
  ],
  [
    'a\\.b',
    '^a\\\\\\.b$',
    '0000000000000000000000000000000000000000000000000000000000000000000010000',
  ],
]

/** Python: "nothing to repeat" or "multiple repeat". */
const uncompilable = ['*x', '**', 'a**', 'a.**', 'x.***.y']

const key = fc.oneof(
  fc
    .array(fc.constantFrom('a', 'b', 'ab', '*', '#', ''), { maxLength: 7 })
    .map((words) => words.join('.')),
  fc.string({
    unit: fc.constantFrom('a', 'b', '.', '*', '#', '\n', '-', 'é', '\u{1f600}'),
    maxLength: 9,
  }),
)
const compilableKey = key.filter((text) => !/^\*[^.]|\*\*/.test(text))

describe('kombuTopicPattern()', () => {
  test.each(answers)('writes the pattern of %j as Kombu does', (bindingKey, pattern) => {
    expect(kombuTopicPattern(bindingKey)).toBe(pattern)
  })

  test('escapes all but letters and digits of any script', () => {
    expect(kombuTopicPattern('é²٣中_\u{1f600}\u{1d400}\u0301')).toBe(
      '^é²٣中\\_\\\u{1f600}\u{1d400}\\\u0301$',
    )
  })

  test.each(uncompilable)('refuses %j, which no Python publisher could compile', (bindingKey) => {
    expect(() => kombuTopicPattern(bindingKey)).toThrow(/has to be a whole word/)
    expect(matchKombuTopic(bindingKey, bindingKey)).toBe(false)
  })

  test('is a valid regular expression in JavaScript too', () => {
    fc.assert(
      fc.property(compilableKey, (bindingKey) => {
        expect(() => new RegExp(kombuTopicPattern(bindingKey))).not.toThrow()
      }),
    )
  })
})

describe('matchKombuTopic()', () => {
  test.each(answers)('answers for %j as Python does', (bindingKey, _, matches) => {
    const found = routingKeys.map((routingKey) => (matchKombuTopic(bindingKey, routingKey) ? 1 : 0))
    expect(found.join('')).toBe(matches)
  })

  test('answers as the regular expression does', () => {
    fc.assert(
      fc.property(compilableKey, key, (bindingKey, routingKey) => {
        const pattern = inJavaScript(kombuTopicPattern(bindingKey))
        expect(matchKombuTopic(bindingKey, routingKey)).toBe(pattern.test(routingKey))
      }),
      { numRuns: 2000 },
    )
  })

  test.each([
    ['words', '#.a.'.repeat(2000), 'a.'.repeat(4000)],
    ['ends', `${'*.'.repeat(2000)}b`, 'a.'.repeat(4000)],
    ['literals', `${'#.aab.'.repeat(500)}#`, 'a'.repeat(8000)],
    ['repeats', `${'a*'.repeat(100)}b`, 'a'.repeat(1000)],
  ])(
    'is done soon with what would keep a regular expression busy: %s',
    (_, bindingKey, routingKey) => {
      // Backtracking would outlive the test's deadline by far.
      expect(matchKombuTopic(bindingKey, `${routingKey}x`)).toBe(false)
    },
  )
})

/** Python's dialect: `.` is all but \n, `$` also matches before a last \n, a character is a code point. */
function inJavaScript(pattern: string): RegExp {
  const source = pattern
    .replaceAll(/\\.|\.\*\?/gs, (token) => (token === '.*?' ? '[^\\n]*?' : token))
    .replaceAll('\\\u{1f600}', '(?:\u{1f600})')
  return new RegExp(source.replace(/\$$/, '\\n?$'))
}

describe('matchAmqpTopic()', () => {
  // AMQP 0-9-1, 3.1.3.3, and what RabbitMQ does with empty keys and words.
  test.each<[string, readonly string[], readonly string[]]>([
    ['a.*', ['a.b', 'a.'], ['a', 'a.b.c', 'b.a', '']],
    ['a.#', ['a', 'a.b', 'a.b.c', 'a.'], ['b', 'ab', '']],
    ['#.b', ['b', 'a.b', 'a.c.b'], ['a', 'b.a', 'ab']],
    ['a.#.b', ['a.b', 'a.x.b', 'a.b.b', 'a.x.y.b'], ['a', 'b', 'a.b.c']],
    ['*', ['a', 'a b'], ['', 'a.b', '.']],
    ['#', ['', 'a', 'a.b', '.', '...'], []],
    ['#.#', ['', 'a', 'a.b'], []],
    ['*.#', ['a', 'a.b', '.'], ['']],
    ['#.*', ['a', 'a.b'], ['']],
    ['', [''], ['a', '.']],
    ['a', ['a'], ['b', 'a.a', 'A']],
    ['.', ['.'], ['', 'a', '..']],
    ['a*.b', ['a*.b'], ['ax.b', 'a.b']],
    ['*.orange.*', ['quick.orange.rabbit'], ['orange', 'lazy.orange.male.rabbit']],
    ['lazy.#', ['lazy', 'lazy.pink.rabbit'], ['quick.lazy']],
  ])('%s', (bindingKey, matching, others) => {
    for (const routingKey of matching)
      expect([routingKey, matchAmqpTopic(bindingKey, routingKey)]).toEqual([routingKey, true])
    for (const routingKey of others)
      expect([routingKey, matchAmqpTopic(bindingKey, routingKey)]).toEqual([routingKey, false])
  })

  test('answers as the definition does', () => {
    const words = fc.array(fc.constantFrom('a', 'b', '*', '#', ''), { maxLength: 6 })
    fc.assert(
      fc.property(words, words, (wanted, given) => {
        const expected = fitsByDefinition(asWords(wanted), asWords(given))
        expect(matchAmqpTopic(wanted.join('.'), given.join('.'))).toBe(expected)
      }),
      { numRuns: 2000 },
    )
  })

  test('is done soon with many #', () => {
    expect(matchAmqpTopic(`${'#.a.'.repeat(500)}b`, 'a.'.repeat(3000))).toBe(false)
  })
})

/** One word, the empty one, has the same key as none. */
function asWords(words: readonly string[]): readonly string[] {
  return words.join('.') === '' && words.length < 2 ? [] : words
}

function fitsByDefinition(wanted: readonly string[], given: readonly string[]): boolean {
  const [first, ...rest] = wanted
  if (first === undefined) return given.length === 0
  if (first === '#')
    return (
      given.some((_, i) => fitsByDefinition(rest, given.slice(i))) || fitsByDefinition(rest, [])
    )
  if (given.length === 0 || (first !== '*' && first !== given[0])) return false
  return fitsByDefinition(rest, given.slice(1))
}
