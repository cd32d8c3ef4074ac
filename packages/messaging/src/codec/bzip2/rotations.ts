/** A block of bytes by its sorted rotations: the Burrows-Wheeler transform. */
export interface SortedRotations {
  /** The last byte of each rotation, in the order of the rotations. */
  readonly lastColumn: Uint8Array
  /** Where among them the block itself is. */
  readonly origin: number
}

/**
 * Sorts the rotations of a block. Takes n log n steps for any block, as often as it may repeat
 * itself.
 */
export function sortRotations(block: Uint8Array): SortedRotations {
  const order = orderOfRotations(block)
  const { length } = block
  const lastColumn = new Uint8Array(length)
  for (let at = 0; at < length; at += 1) {
    const start = order[at] ?? 0
    lastColumn[at] = block[start === 0 ? length - 1 : start - 1] ?? 0
  }
  return { lastColumn, origin: order.indexOf(0) }
}

/**
 * The starts of the rotations in order, by doubling: once rotations are in the order of their first
 * bytes, the order of twice as many follows from that of the rotations that begin where those end.
 */
function orderOfRotations(block: Uint8Array): Int32Array {
  const { length } = block
  let order: Int32Array = sortByRank(
    Int32Array.from(block, (_byte, start) => start),
    Int32Array.from(block),
  )
  let ranks: Ranks = rank(order, { ranks: Int32Array.from(block), sortedBytes: 0 })
  for (let sortedBytes = 1; sortedBytes < length && ranks.distinct < length; sortedBytes *= 2) {
    order = sortByRank(before(order, sortedBytes), ranks.ranks)
    ranks = rank(order, { ranks: ranks.ranks, sortedBytes })
  }
  return order
}

/** For each rotation the one that begins `distance` bytes before it. */
function before(starts: Int32Array, distance: number): Int32Array {
  const { length } = starts
  const earlier = new Int32Array(length)
  for (let at = 0; at < length; at += 1) {
    const start = (starts[at] ?? 0) - distance
    earlier[at] = start < 0 ? start + length : start
  }
  return earlier
}

/** Sorts starts by their ranks; those of the same rank keep their order. */
function sortByRank(starts: Int32Array, ranks: Int32Array): Int32Array {
  const { length } = starts
  const ends = new Int32Array(Math.max(length, 256))
  for (let at = 0; at < length; at += 1) ends[ranks[at] ?? 0] = (ends[ranks[at] ?? 0] ?? 0) + 1
  for (let at = 1; at < ends.length; at += 1) ends[at] = (ends[at] ?? 0) + (ends[at - 1] ?? 0)

  const sorted = new Int32Array(length)
  for (let at = length - 1; at >= 0; at -= 1) {
    const start = starts[at] ?? 0
    const end = (ends[ranks[start] ?? 0] ?? 0) - 1
    ends[ranks[start] ?? 0] = end
    sorted[end] = start
  }
  return sorted
}

interface Ranks {
  /** By start: the place in the order, the same for rotations that are equal so far. */
  readonly ranks: Int32Array
  readonly distinct: number
}

/** Ranks by twice as many bytes as those that are given. */
function rank(
  order: Int32Array,
  given: { readonly ranks: Int32Array; readonly sortedBytes: number },
): Ranks {
  const { length } = order
  const ranks = new Int32Array(length)
  let distinct = 0
  let lastFirst = -1
  let lastSecond = -1
  for (let at = 0; at < length; at += 1) {
    const start = order[at] ?? 0
    const second = start + given.sortedBytes
    const firstRank = given.ranks[start] ?? 0
    const secondRank = given.ranks[second < length ? second : second - length] ?? 0
    if (firstRank !== lastFirst || secondRank !== lastSecond) distinct += 1
    ranks[start] = distinct - 1
    lastFirst = firstRank
    lastSecond = secondRank
  }
  return { ranks, distinct }
}
