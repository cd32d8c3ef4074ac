/**
 * Where a page leads to. Pure.
 */
import { htmlTags } from './html-tags.ts'

/** The links of a page: absolute, without fragment, each once, in order of appearance. */
export interface PageLinks {
  /** Pages of the same origin (scheme, host and port), the page itself included if it links to itself. */
  readonly sameOrigin: readonly string[]
  /** Pages of any other site. */
  readonly external: readonly string[]
  /** What is no page's address, as it was written: `mailto:`, `javascript:`, `data:`, nonsense. */
  readonly ignored: readonly string[]
}

const linkAttribute: Readonly<Record<string, string>> = {
  a: 'href',
  area: 'href',
  frame: 'src',
  iframe: 'src',
}

/**
 * Extracts the links of an HTML page: `a`, `area`, `frame` and `iframe`, relative to `<base>` if
 * there is one.
 *
 * @param pageUrl The page's own address, absolute, after redirects.
 * @throws {TypeError} when `pageUrl` is not an absolute URL.
 */
export function extractLinks(html: string, pageUrl: string): PageLinks {
  const { origin } = new URL(pageUrl)
  const sameOrigin = new Set<string>()
  const external = new Set<string>()
  const ignored = new Set<string>()
  let base: string | undefined
  for (const { name, attributes } of htmlTags(html)) {
    if (name === 'base') base ??= baseUrl(attributes.get('href'), pageUrl)
    const reference = attributes.get(linkAttribute[name] ?? '')
    if (reference === undefined) continue
    const url = normaliseUrl(reference, base ?? pageUrl)
    if (url === undefined) ignored.add(reference)
    else if (new URL(url).origin === origin) sameOrigin.add(url)
    else external.add(url)
  }
  return { sameOrigin: [...sameOrigin], external: [...external], ignored: [...ignored] }
}

/**
 * The one form of a page's address that is compared and asked for: absolute, host in lower case,
 * no default port, no fragment, no credentials.
 *
 * @returns `undefined` for anything but `http` and `https`.
 */
export function normaliseUrl(reference: string, base: string): string | undefined {
  const url = URL.parse(reference, base)
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:')) return undefined
  url.hash = ''
  url.username = ''
  url.password = ''
  return url.href
}

function baseUrl(reference: string | undefined, pageUrl: string): string | undefined {
  return reference === undefined ? undefined : URL.parse(reference, pageUrl)?.href
}
