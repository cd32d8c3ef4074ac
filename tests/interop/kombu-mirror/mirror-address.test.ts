import { expect, test } from 'vitest'
import { brokerAddresses } from '../broker-address.ts'
import { mirrorPlaces } from './mirror.ts'
import { mirrorAddress } from './mirror-address.ts'

const addresses = brokerAddresses(
  { redis: 'redis://127.0.0.1:7000', rabbitmq: 'amqp://guest:guest@127.0.0.1:7001//' },
  '/folder',
)

test('both sides are told the same prefix', () => {
  const { urls, kombu } = mirrorAddress(addresses, 'redis-prefix', false)
  expect(urls).toEqual(['redis://127.0.0.1:7000?global_keyprefix=_prefixed_'])
  expect(kombu).toMatchObject({
    url: 'redis://127.0.0.1:7000',
    transport_options: { global_keyprefix: '_prefixed_' },
  })
})

test('a failover begins where nobody is', () => {
  const { urls, nowhere, kombu } = mirrorAddress(addresses, 'rabbitmq', true)
  expect(urls).toEqual([nowhere, addresses.rabbitmq.url])
  expect(kombu.url).toBe(`${nowhere};${addresses.rabbitmq.url}`)
})

test('every place has an address where nobody is', () => {
  for (const place of mirrorPlaces) {
    const { urls, nowhere } = mirrorAddress(addresses, place, false)
    expect(urls).toHaveLength(1)
    expect(urls).not.toContain(nowhere)
    expect(nowhere).toMatch(/:1(\/|$|\?)|dev\/null/)
  }
})
