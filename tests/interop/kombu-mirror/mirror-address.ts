/** Where Kombu's tests run, said to both sides. Pure. */
import type { BrokerAddresses, KombuConnecting } from '../broker-address.ts'
import { brokerOf, type MirrorPlace } from './mirror.ts'

/** A place. */
export interface MirrorAddress {
  /** For connections of ours; several fail over. */
  readonly urls: readonly string[]
  /** Where nobody answers. */
  readonly nowhere: string
  readonly kombu: KombuConnecting
}

const prefix = '_prefixed_'

/** @param isFailover Put an address in front at which nobody answers. */
export function mirrorAddress(
  addresses: BrokerAddresses,
  place: MirrorPlace,
  isFailover: boolean,
): MirrorAddress {
  const { url: plainUrl, kombu } = addresses[brokerOf(place)]
  const isPrefixed = place === 'redis-prefix'
  const url = isPrefixed ? withPrefix(plainUrl) : plainUrl
  const nowhere = nowhereBeside(url, place)
  const prefixed = { transport_options: { global_keyprefix: prefix } }
  return {
    urls: isFailover ? [nowhere, url] : [url],
    nowhere,
    kombu: {
      ...kombu,
      ...(isPrefixed ? prefixed : {}),
      url: isFailover ? `${nowhereBeside(kombu.url, place)};${kombu.url}` : kombu.url,
    },
  }
}

function withPrefix(url: string): string {
  const prefixed = URL.parse(url)
  if (prefixed === null) return url
  prefixed.searchParams.set('global_keyprefix', prefix)
  return prefixed.href
}

/** The port of `tcpmux`, on which nobody listens; a file or folder below something that is no folder. */
function nowhereBeside(url: string, place: MirrorPlace): string {
  if (place === 'sqlite') return 'sqla+sqlite:////dev/null/broker.db'
  if (place === 'filesystem') return 'filesystem:///dev/null/folder'
  const there = URL.parse(url)
  if (there === null) return url
  there.port = '1'
  return there.href
}
