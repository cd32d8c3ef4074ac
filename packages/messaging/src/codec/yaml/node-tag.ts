import { isScalar, type Node, Scalar } from 'yaml'
import { plainTag } from './plain-tag.ts'

/** What YAML 1.1's own tags begin with; written `!!`. */
const ownTags = 'tag:yaml.org,2002:'

/**
 * The tag of a node, written or implied: the name of one of YAML 1.1's own, or another one in full.
 */
export function nodeTag(node: Node, implied: string): string {
  const tag = node.tag
  if (tag === undefined || tag === '!') return isScalar(node) ? impliedTag(node, tag) : implied
  return tag.startsWith(ownTags) ? tag.slice(ownTags.length) : tag
}

/** Quotes make text of anything, unless the tag `!` asks to look at it all the same. */
function impliedTag(scalar: Scalar, tag: '!' | undefined): string {
  return tag === '!' || scalar.type === Scalar.PLAIN ? plainTag(textOf(scalar)) : 'str'
}

/** The text of a scalar, without its quotes. */
export function textOf({ source, value }: Scalar): string {
  return source ?? String(value)
}

/** A tag as it is usually written. */
export function shownTag(tag: string): string {
  return /^[a-z]/.test(tag) && !tag.includes(',') ? `!!${tag}` : tag
}
