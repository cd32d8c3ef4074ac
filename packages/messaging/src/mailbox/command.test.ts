import { describe, expect, test } from 'vitest'
import { defaultMatchers } from '../matcher/matcher.ts'
import { isFor, readCommand } from './command.ts'

// As Kombu 5.6 wrote it.
const fromKombu = {
  method: 'ping',
  arguments: { x: 1 },
  destination: ['host1'],
  pattern: null,
  matcher: null,
  ticket: '5f3c',
  reply_to: { exchange: 'reply.ns.pidbox', routing_key: 'oid' },
}

describe('readCommand()', () => {
  test('takes what Kombu writes', () => {
    expect(readCommand(fromKombu)).toEqual(fromKombu)
  })

  test('fills what a short command leaves out', () => {
    expect(readCommand({ method: 'ping' })).toEqual({
      method: 'ping',
      arguments: {},
      destination: null,
      pattern: null,
      matcher: null,
      ticket: undefined,
      reply_to: undefined,
    })
  })

  test.for([
    [null],
    ['ping'],
    [{}],
    [{ method: 7 }],
    [{ method: 'ping', arguments: [1] }],
    [{ method: 'ping', destination: 7 }],
    [{ method: 'ping', reply_to: 'somewhere' }],
  ])('refuses %j', ([body]) => {
    expect(() => readCommand(body)).toThrow(expect.objectContaining({ code: 'NOT_DECODABLE' }))
  })
})

describe('isFor()', () => {
  const command = readCommand({ method: 'ping' })
  const is = (more: object) => isFor('web1', { ...command, ...more }, defaultMatchers)

  test('named hosts only', () => {
    expect(is({ destination: ['web1', 'web2'] })).toBe(true)
    expect(is({ destination: ['web2'] })).toBe(false)
    expect(is({ destination: ['web2'], pattern: 'web*', matcher: 'glob' })).toBe(false)
  })

  test('hosts that match', () => {
    expect(is({ pattern: 'web?', matcher: 'glob' })).toBe(true)
    expect(is({ pattern: 'db*', matcher: 'glob' })).toBe(false)
    expect(is({ pattern: 'web[0-9]$', matcher: 'pcre' })).toBe(true)
  })

  test('everybody, else', () => {
    expect(is({})).toBe(true)
    expect(is({ destination: [] })).toBe(true)
    // Kombu’s rule: a pattern without a matcher does not count.
    expect(is({ pattern: 'db*' })).toBe(true)
  })
})
