import { expect, test } from 'vitest'
import { storeSettings } from '../settings.ts'
import { Keys } from './keys.ts'

const keysOf = (options: Parameters<typeof storeSettings>[0] = {}) =>
  new Keys(storeSettings(options).keys)

test.each([
  [0, 'q'],
  [2, 'q'],
  [3, 'q\x06\x163'],
  [5, 'q\x06\x163'],
  [9, 'q\x06\x169'],
  [255, 'q\x06\x169'],
  [-1, 'q'],
  [Number.NaN, 'q'],
])('priority %d goes to the list %j', (priority, list) => {
  expect(keysOf().queue('q', priority)).toBe(list)
})

test('below the first step is the last one, as in Python', () => {
  const keys = keysOf({ prioritySteps: [6, 2] })
  expect([0, 2, 6].map((priority) => keys.stepSuffix(priority))).toEqual([
    '\x06\x166',
    '\x06\x162',
    '\x06\x166',
  ])
  expect(keys.steps('q')).toEqual(['q\x06\x162', 'q\x06\x166'])
})

test('lists of several queues come step by step', () => {
  const keys = keysOf({ prioritySteps: [0, 5], sep: ':', globalKeyprefix: 'p-' })
  expect(keys.interleaved(['a', 'b'])).toEqual(['p-a', 'p-b', 'p-a:5', 'p-b:5'])
})

test.each([
  [{}, '/0.ex', '/0.ex/a.b', ['/0.ex/a.*']],
  [{ database: 3, globalKeyprefix: 'P_' }, 'P_/3.ex', 'P_/3.ex/a.b', ['P_/3.ex/a.*']],
  [{ fanoutPrefix: false }, 'ex', 'ex/a.b', ['ex/a.*']],
  [{ fanoutPrefix: '/x{db}.' }, '/x0.ex', '/x0.ex/a.b', ['/x0.ex/a.*']],
  [{ fanoutPatterns: false }, '/0.ex', '/0.ex', ['/0.ex']],
])('broadcasts with %j go to %s or %s and are received by %j', (options, bare, keyed, patterns) => {
  const keys = keysOf(options)
  expect(keys.channel('ex', '')).toBe(bare)
  expect(keys.channel('ex', 'a.b')).toBe(keyed)
  expect(keys.channelPatterns('ex', 'a.#')).toEqual(patterns)
})

test('a binding without a key receives everything', () => {
  expect(keysOf().channelPatterns('ex', '')).toEqual(['/0.ex', '/0.ex/*'])
  expect(keysOf({ fanoutPatterns: false }).channelPatterns('ex', '')).toEqual(['/0.ex'])
})

test('an exchange name is no pattern', () => {
  expect(keysOf().channelPatterns('a[*]?', '*')).toEqual([String.raw`/0.a\[\*\]\?/*`])
})
