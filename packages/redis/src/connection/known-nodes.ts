import type { NodeAddress } from './redirection.ts'

/**
 * The nodes of a cluster, for when the one that was named in the options does not answer.
 *
 * `undefined` stands for the address in the options, whatever it leads to.
 */
export class KnownNodes {
  #inTurn: readonly (NodeAddress | undefined)[] = [undefined]

  /** In the order in which they should be asked. */
  get inTurn(): readonly (NodeAddress | undefined)[] {
    return this.#inTurn
  }

  /** Replaces what was known. The one that answered last stays in front. */
  remember(nodes: readonly NodeAddress[]): void {
    const isThere = (node: NodeAddress | undefined) =>
      node === undefined || nodes.some((other) => isSame(node, other))
    const kept = this.#inTurn.filter(isThere)
    const added = nodes.filter((node) => !kept.some((other) => isSame(other, node)))
    this.#inTurn = [...kept, ...added]
  }

  /** Next time, the others come first. */
  failed(node: NodeAddress | undefined): void {
    const others = this.#inTurn.filter((other) => other !== node)
    this.#inTurn = [...others, node]
  }
}

function isSame(one: NodeAddress | undefined, other: NodeAddress): boolean {
  return one?.host === other.host && one.port === other.port
}
