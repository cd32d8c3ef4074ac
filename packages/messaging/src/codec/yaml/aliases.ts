import { isAlias, isMap, isSeq, type Node, type Pair } from 'yaml'

/** The nodes that aliases stand for. */
export type AliasTargets = ReadonlyMap<Node, Node>

/**
 * Finds for each alias the node that it stands for: one that came before it, as the text goes.
 *
 * @throws RangeError for an alias without an anchor, or an anchor that is there twice.
 */
export function aliasTargets(root: Node): AliasTargets {
  const anchors = new Map<string, Node>()
  const targets = new Map<Node, Node>()

  function visit(node: Node): void {
    if (isAlias(node)) {
      const target = anchors.get(node.source)
      if (target === undefined)
        throw new RangeError(`it refers to *${node.source}, which is nowhere`)
      targets.set(node, target)
      return
    }
    const anchor = 'anchor' in node ? node.anchor : undefined
    if (typeof anchor === 'string') {
      if (anchors.has(anchor)) throw new RangeError(`it has the anchor &${anchor} twice`)
      anchors.set(anchor, node)
    }
    for (const part of partsOf(node)) visit(part)
  }

  visit(root)
  return targets
}

function partsOf(node: Node): readonly Node[] {
  if (isSeq<Node>(node)) return node.items
  if (isMap<Node, Node>(node)) return node.items.flatMap(nodesOf)
  return []
}

function nodesOf({ key, value }: Pair<Node, Node>): readonly Node[] {
  return value === null ? [key] : [key, value]
}
