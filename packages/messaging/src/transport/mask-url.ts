/**
 * Removal of passwords from texts that may contain broker URLs.
 */
import { looksSecret } from '../option-spec.ts'
import { percentDecoded } from './percent.ts'

/**
 * Replaces the passwords in every URL of a text, well formed or not.
 *
 * From the first `:` behind `://` to the last `@` before the next URL is taken for a password, and so
 * is a query value whose name looks secret. Masks rather too much than too little.
 *
 * @param mask Default `**`, as Kombu.
 * @example
 * maskBrokerUrl('amqp://u:pw@a/v;amqp://u:pw@b')   // 'amqp://u:**@a/v;amqp://u:**@b'
 */
export function maskBrokerUrl(text: string, mask = '**'): string {
  return text
    .split(betweenUrls)
    .map((part) => maskOne(part, mask))
    .join('')
}

// A scheme without such a character before it may be part of a password.
const betweenUrls = /(?<=[\s;,"'(<=|])(?=[a-z][a-z0-9+.-]*:\/\/)/i

function maskOne(url: string, mask: string): string {
  if (!url.includes('://')) return url
  const begin = url.indexOf('://') + 3
  const at = url.lastIndexOf('@')
  const colon = url.indexOf(':', begin)
  const hasPassword = colon !== -1 && colon + 1 < at
  return maskQuery(hasPassword ? url.slice(0, colon + 1) + mask + url.slice(at) : url, mask)
}

/** Masks the values in a query whose names look secret. */
export function maskQuery(url: string, mask: string): string {
  return url.replaceAll(/([?&])([^=&\s]+)=([^&\s;]+)/g, (pair, lead: string, name: string) =>
    looksSecret(percentDecoded(name)) ? `${lead}${name}=${mask}` : pair,
  )
}
