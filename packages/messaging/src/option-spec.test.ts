import { describe, expect, expectTypeOf, test } from 'vitest'
import { ConfigurationError } from './errors.ts'
import { checkOptions, looksSecret, type OptionSpecs } from './option-spec.ts'

const specs = {
  visibilityTimeoutMs: { type: 'number', min: 1, integer: true },
  ratio: { type: 'number', min: 0, max: 1 },
  globalKeyprefix: { type: 'string', max: 5 },
  fanoutPrefix: ['boolean', 'string'],
  bodyEncoding: { type: 'string', oneOf: ['base64', 'utf-8'] },
  password: ['string', 'function'],
  seed: { type: 'number', secret: true },
  tls: 'object',
  hosts: { type: 'array', min: 1 },
  offset: 'bigint',
} satisfies OptionSpecs

function refusal(given: unknown): string {
  try {
    // Users without types give anything.
    checkOptions('the test transport', given as object, specs)
  } catch (error) {
    if (error instanceof ConfigurationError && error.code === 'BAD_OPTION') return error.message
    throw error
  }
  throw new Error('The options were accepted')
}

describe('checkOptions()', () => {
  test('returns what fits', () => {
    const given = {
      visibilityTimeoutMs: 1,
      ratio: 0.5,
      globalKeyprefix: 'a',
      fanoutPrefix: false,
      bodyEncoding: 'utf-8',
      password: () => 'x',
      tls: { ca: 'x' },
      hosts: ['a'],
      offset: 1n,
    }
    expect(checkOptions('the test transport', given, specs)).toBe(given)
    expect(checkOptions('the test transport', {}, specs)).toEqual({})
  })

  test('gives the options their types', () => {
    const options = checkOptions('x', {}, specs)
    expectTypeOf(options.ratio).toEqualTypeOf<number | undefined>()
    expectTypeOf(options.fanoutPrefix).toEqualTypeOf<boolean | string | undefined>()
    expectTypeOf(options.hosts).toEqualTypeOf<readonly unknown[] | undefined>()
    expectTypeOf(
      checkOptions('x', {}, { encoding: { type: 'string', oneOf: ['base64', 'utf-8'] } }).encoding,
    ).toEqualTypeOf<'base64' | 'utf-8' | undefined>()
  })

  test('takes undefined for "not given"', () => {
    expect(() => checkOptions('x', { ratio: undefined }, specs)).not.toThrow()
  })

  test.each<[unknown, string]>([
    [{ ratio: '1' }, 'Option "ratio" of the test transport has to be a number, not string "1"'],
    [
      { ratio: Number.NaN },
      'Option "ratio" of the test transport has to be a number, not number NaN',
    ],
    [{ ratio: null }, 'Option "ratio" of the test transport has to be a number, not null'],
    [{ ratio: 2 }, 'Option "ratio" of the test transport has to be at most 1, not number 2'],
    [
      { visibilityTimeoutMs: 0 },
      'Option "visibilityTimeoutMs" of the test transport has to be at least 1, not number 0',
    ],
    [
      { visibilityTimeoutMs: 1.5 },
      'Option "visibilityTimeoutMs" of the test transport has to be a whole number, not number 1.5',
    ],
    [
      { globalKeyprefix: 'abcdef' },
      'Option "globalKeyprefix" of the test transport has to be of length at most 5, not string "abcdef"',
    ],
    [
      { fanoutPrefix: 1 },
      'Option "fanoutPrefix" of the test transport has to be a boolean or a string, not number 1',
    ],
    [
      { bodyEncoding: 'utf8' },
      'Option "bodyEncoding" of the test transport has to be one of "base64", "utf-8", not string "utf8"',
    ],
    [{ tls: [] }, 'Option "tls" of the test transport has to be an object, not array'],
    [
      { hosts: [] },
      'Option "hosts" of the test transport has to be of length at least 1, not array',
    ],
    [[], 'The options of the test transport have to be an object, not array'],
    ['a', 'The options of the test transport have to be an object, not string "a"'],
    [null, 'The options of the test transport have to be an object, not null'],
  ])('refuses %j', (given, message) => {
    expect(refusal(given)).toBe(message)
  })

  test('shows no secret', () => {
    expect(refusal({ password: 12345 })).toMatch(/a string or a function, not number \(not shown\)/)
    expect(refusal({ seed: '12345' })).toMatch(/a number, not string \(not shown\)/)
  })

  test('shows long texts shortened', () => {
    expect(refusal({ ratio: `a${'x'.repeat(1000)}` })).toMatch(/not string "ax{59}…"$/)
  })

  test('names what was meant by an unknown option, and all there are', () => {
    const message = refusal({ visibility_timeout_ms: 1 })
    expect(message).toMatch(/^Unknown option "visibility_timeout_ms" of the test transport. /)
    expect(message).toContain('Did you mean "visibilityTimeoutMs"?')
    expect(message).toContain('Its options are visibilityTimeoutMs, ratio, globalKeyprefix,')
    expect(refusal({ zzz: 1 })).toMatch(
      /^Unknown option "zzz" of the test transport. Its options are/,
    )
    expect(refusal(JSON.parse('{ "__proto__": 1 }'))).toContain('"__proto__"')
    expect(refusal({ toString: 1 })).toContain('"toString"')
  })
})

describe('looksSecret()', () => {
  test.each([
    'password',
    'ssl_keyfile_password',
    'secretAccessKey',
    'apiKey',
    'token',
    'private_key',
  ])('hides %s', (name) => expect(looksSecret(name)).toBe(true))
  test.each(['keyprefix', 'ssl_keyfile', 'routingKey', 'globalKeyprefix', 'host'])(
    'shows %s',
    (name) => expect(looksSecret(name)).toBe(false),
  )
})
