/** The longest code that bzip2 itself writes. */
const longestCode = 17

/**
 * The length of each symbol's code, 1 to 17, so that frequent symbols are short (Huffman). Symbols
 * that do not occur get one too, as the format wants.
 *
 * @param counts how often each of at least two symbols occurs.
 */
export function codeLengths(counts: Uint32Array): Uint8Array {
  let weights = counts.map((count) => Math.max(count, 1))
  for (;;) {
    const lengths = huffmanLengths(weights)
    if (lengths.every((length) => length <= longestCode)) return lengths
    // Evener weights make a flatter tree; equal ones at last, of at most 9 levels.
    weights = weights.map((weight) => (weight + 1) >> 1)
  }
}

/** Joins the two lightest trees until one is left. Leaves come before what they are joined to. */
function huffmanLengths(weights: Uint32Array): Uint8Array {
  const leaves = weights.length
  const ascending = [...weights.keys()].sort((a, b) => (weights[a] ?? 0) - (weights[b] ?? 0))
  const treeWeights = Array.from(ascending, (symbol) => weights[symbol] ?? 0)
  const parents = new Uint16Array(2 * leaves - 1)
  let leaf = 0
  let tree = leaves

  function takeLightest(): number {
    const leafWeight = leaf < leaves ? (treeWeights[leaf] ?? 0) : Infinity
    const takesLeaf = leafWeight <= (treeWeights[tree] ?? Infinity)
    const taken = takesLeaf ? leaf : tree
    if (takesLeaf) leaf += 1
    else tree += 1
    return taken
  }

  for (let joined = leaves; joined < parents.length; joined += 1) {
    const first = takeLightest()
    const second = takeLightest()
    parents[first] = joined
    parents[second] = joined
    treeWeights.push((treeWeights[first] ?? 0) + (treeWeights[second] ?? 0))
  }
  return depths(parents, ascending)
}

/** Levels above each leaf, by symbol. The root is the last tree. */
function depths(parents: Uint16Array, symbols: readonly number[]): Uint8Array {
  const levels = new Uint8Array(parents.length)
  for (let tree = parents.length - 2; tree >= 0; tree -= 1) {
    levels[tree] = (levels[parents[tree] ?? 0] ?? 0) + 1
  }
  const lengths = new Uint8Array(symbols.length)
  for (const [leaf, symbol] of symbols.entries()) lengths[symbol] = levels[leaf] ?? 0
  return lengths
}

/** The canonical codes of these lengths: in the order of length, then symbol. */
export function canonicalCodes(lengths: Uint8Array): Uint32Array {
  const codes = new Uint32Array(lengths.length)
  let code = 0
  for (let length = 1; length <= longestCode; length += 1) {
    for (let symbol = 0; symbol < lengths.length; symbol += 1) {
      if (lengths[symbol] !== length) continue
      codes[symbol] = code
      code += 1
    }
    code <<= 1
  }
  return codes
}
