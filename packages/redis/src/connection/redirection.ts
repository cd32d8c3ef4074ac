import { ReplyError } from './client-errors.ts'

/** Where a node of a cluster is. */
export interface NodeAddress {
  readonly host: string
  readonly port: number
}

/** What a node of a cluster says instead of an answer. Nothing was done. */
export type Redirection =
  /** The slot is somewhere else, for good. */
  | { readonly kind: 'MOVED'; readonly node: NodeAddress }
  /** The slot is on its way to another node, and this key has gone ahead or never was. */
  | { readonly kind: 'ASK'; readonly node: NodeAddress }
  /** The slot is on its way, and the keys of the command are not all on one side. */
  | { readonly kind: 'TRYAGAIN' }

/**
 * Reads `MOVED <slot> <host>:<port>` and its like.
 *
 * @param asked The node that said so: an empty host means the same one.
 * @returns `undefined` for any other error.
 */
export function redirectionOf(error: unknown, asked: NodeAddress): Redirection | undefined {
  if (!(error instanceof ReplyError)) return undefined
  if (error.kind === 'TRYAGAIN') return { kind: 'TRYAGAIN' }
  const [, kind, host, port] = /^(MOVED|ASK) \d+ (.*):(\d+)$/.exec(error.message) ?? []
  if (kind !== 'MOVED' && kind !== 'ASK') return undefined
  return { kind, node: { host: host || asked.host, port: Number(port) } }
}
