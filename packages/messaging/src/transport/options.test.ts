import { describe, expect, test } from 'vitest'
import { type OptionSpecs, optionsFromQuery } from './options.ts'

const specs = {
  visibilityTimeoutMs: { type: 'number', min: 1, integer: true },
  ratio: { type: 'number', min: 0, max: 1 },
  globalKeyprefix: 'string',
  fanoutPrefix: ['boolean', 'string'],
  tls: 'object',
} satisfies OptionSpecs

describe('optionsFromQuery()', () => {
  test('converts names and values', () => {
    const query = {
      visibility_timeout_ms: '3600000',
      ratio: '0.25',
      globalKeyprefix: '12',
      fanout_prefix: 'False',
    }
    expect(optionsFromQuery(query, specs)).toEqual({
      visibilityTimeoutMs: 3_600_000,
      ratio: 0.25,
      globalKeyprefix: '12',
      fanoutPrefix: false,
    })
  })

  test('gives a frozen object', () => {
    expect(Object.isFrozen(optionsFromQuery({}, specs))).toBe(true)
  })

  test.each<[string, boolean | string]>([
    ['true', true],
    ['YES', true],
    ['on', true],
    ['1', true],
    ['no', false],
    ['off', false],
    ['0', false],
    ['{db}.', '{db}.'],
  ])('reads %s for a boolean or a string', (text, expected) => {
    expect(optionsFromQuery({ fanout_prefix: text }, specs)).toEqual({ fanoutPrefix: expected })
  })

  test.each<[Record<string, string>, RegExp]>([
    [{ ratio: 'much' }, /"ratio" of the broker URL has to be a number, not string "much"/],
    [{ ratio: '0x1' }, /has to be a number/],
    [{ ratio: '7' }, /has to be at most 1/],
    [{ visibility_timeout: '1' }, /Did you mean "visibilityTimeoutMs"/],
    [{ tls: 'x' }, /has to be an object/],
    [{ __proto: '1' }, /Unknown option "__proto"/],
  ])('refuses %j', (query, message) => {
    expect(() => optionsFromQuery(query, specs)).toThrow(message)
  })
})
