/**
 * The name that somebody most likely meant, for the "did you mean" of an error message.
 *
 * Case, `_` and `-` do not count, so `visibility_timeout_ms` finds `visibilityTimeoutMs`.
 *
 * @returns `undefined` when nothing is near: more than a third of the longer name would have to change.
 */
export function closestName(wanted: string, names: Iterable<string>): string | undefined {
  const bare = bareName(wanted)
  let closest: string | undefined
  let best = Number.POSITIVE_INFINITY

  for (const name of names) {
    const candidate = bareName(name)
    const distance = editDistance(bare, candidate)
    if (distance < best && distance * 3 <= Math.max(bare.length, candidate.length)) {
      closest = name
      best = distance
    }
  }
  return closest
}

// A longer name is nobody's typing error, and the distance costs the product of both lengths.
const maxLength = 64

function bareName(name: string): string {
  return name.slice(0, maxLength).toLowerCase().replaceAll(/[_-]/g, '')
}

/** Insertions, deletions and replacements of one character, and swaps of two neighbours. */
function editDistance(from: string, to: string): number {
  let above: readonly number[] = []
  let row: number[] = Array.from({ length: to.length + 1 }, (_, column) => column)

  for (let i = 1; i <= from.length; i++) {
    const twoAbove = above
    above = row
    row = [i]
    for (let j = 1; j <= to.length; j++) {
      const replaced = (above[j - 1] ?? 0) + (from[i - 1] === to[j - 1] ? 0 : 1)
      const isSwap = i > 1 && j > 1 && from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1]
      const swapped = isSwap ? (twoAbove[j - 2] ?? 0) + 1 : replaced
      row.push(Math.min(replaced, swapped, (above[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1))
    }
  }
  return row[to.length] ?? 0
}
