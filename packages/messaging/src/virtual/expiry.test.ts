import { describe, expect, test } from 'vitest'
import type { QueueDeclaration } from '../entity/declaration.ts'
import { DeliveryTags } from './delivery-tag.ts'
import { EnvelopeMessage } from './envelope-message.ts'
import { expiresAtMs } from './expiry.ts'

const publishedMs = 1_000_000

function message(expiration: unknown, tag = new DeliveryTags(() => publishedMs).next()) {
  const properties = { delivery_info: {}, delivery_tag: tag, expiration }
  return new EnvelopeMessage({ properties }, 'q')
}

function queue(ttl: unknown): QueueDeclaration {
  const flags = { durable: true, exclusive: false, autoDelete: false, passive: false }
  return { name: 'q', ...flags, arguments: { 'x-message-ttl': ttl } }
}

describe('expiresAtMs()', () => {
  test.each([
    ['neither', undefined, undefined, undefined],
    ['the message', '500', undefined, 500],
    ['a number, as some peers write it', 500, undefined, 500],
    ['the queue', undefined, 300, 300],
    ['the shorter one', '500', 300, 300],
    ['the shorter one', '100', 300, 100],
    ['0: at once', '0', undefined, 0],
    ['nothing that is no time', 'soon', undefined, undefined],
    ['nothing that is negative', '-1', undefined, undefined],
    ['nothing that is empty', '', null, undefined],
  ] as const)('counts %s', (_, own, ttl, expected) => {
    const expires = expiresAtMs(message(own), queue(ttl))
    expect(expires).toBe(expected === undefined ? undefined : publishedMs + expected)
  })

  test('a message of a peer that does not tell when it was published stays', () => {
    const peer = message('1', '96c74fba-fe1b-4c28-95ab-dfc1b8caed67')
    expect(expiresAtMs(peer, queue(1))).toBeUndefined()
  })

  test('a queue that this connection did not declare has no time', () => {
    expect(expiresAtMs(message(undefined), undefined)).toBeUndefined()
  })
})
