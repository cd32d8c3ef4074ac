/**
 * How an address ends: the one thing that the crawl must find out about each.
 */

/** The end of one address. Plain data: it travels in messages. */
export type Outcome =
  /** The page was read whole. */
  | { readonly kind: 'fetched'; readonly bytes: number; readonly worker: string }
  /** The site says that there is no such page: status 404 or 410. */
  | { readonly kind: 'not-found'; readonly status: number }
  /** It belongs, or redirects, to another site, which is not visited. */
  | { readonly kind: 'external' }
  /** It has more than `limitBytes`; reading stopped there. */
  | { readonly kind: 'too-large'; readonly limitBytes: number }
  /** It is something else than HTML; its body was not read. */
  | { readonly kind: 'not-html'; readonly contentType: string }
  /** It was not asked for: the crawl has as many pages as it may visit. */
  | { readonly kind: 'not-visited'; readonly reason: string }
  /** It could not be read, and why. */
  | { readonly kind: 'failed'; readonly reason: string }

/** The names of the ends. */
export type OutcomeKind = Outcome['kind']
