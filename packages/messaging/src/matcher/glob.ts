/**
 * Shell patterns as Python's fnmatch understands them: `*`, `?`, `[seq]`, `[!seq]`, case-sensitive,
 * the whole text. A character is a Unicode code point, as there.
 *
 * Takes at most `text × pattern` steps, whatever the pattern.
 *
 * @see docs.python.org, fnmatch
 */
export function matchGlob(text: string, pattern: string): boolean {
  const chars = Array.from(text)
  const atoms = parseGlob(Array.from(pattern))
  let at = 0
  let atom = 0
  // The last `*` seen and where what follows it was last tried: the only place to go back to.
  let star = -1
  let tried = 0

  while (at < chars.length) {
    const wanted = atoms[atom]
    if (wanted === '*') {
      star = atom++
      tried = at
    } else if (wanted !== undefined && matchesOne(chars[at] ?? '', wanted)) {
      at++
      atom++
    } else if (star !== -1) {
      atom = star + 1
      at = ++tried
    } else {
      return false
    }
  }
  return atoms.slice(atom).every((rest) => rest === '*')
}

/** `*`; anything (`?`); one character; one of a set. */
type Atom = '*' | '?' | { readonly char: string } | CharSet

interface CharSet {
  readonly negated: boolean
  readonly ranges: readonly (readonly [first: string, last: string])[]
}

function matchesOne(char: string, atom: Exclude<Atom, '*'>): boolean {
  if (atom === '?') return true
  if ('char' in atom) return atom.char === char
  const point = codePoint(char)
  const inside = atom.ranges.some(
    ([first, last]) => codePoint(first) <= point && point <= codePoint(last),
  )
  return inside !== atom.negated
}

function parseGlob(pattern: readonly string[]): readonly Atom[] {
  const atoms: Atom[] = []
  for (let i = 0; i < pattern.length; i++) {
    const char = pattern[i] ?? ''
    const end = char === '[' ? endOfSet(pattern, i) : -1
    if (end !== -1) {
      atoms.push(parseSet(pattern.slice(i + 1, end)))
      i = end
    } else {
      atoms.push(char === '*' || char === '?' ? char : { char })
    }
  }
  return atoms
}

/** Index of the closing bracket, or -1: then the opening one stands for itself. */
function endOfSet(pattern: readonly string[], start: number): number {
  const first = pattern[start + 1] === '!' ? start + 2 : start + 1
  // A bracket in first place belongs to the set.
  return pattern.indexOf(']', first + 1)
}

function parseSet(content: readonly string[]): CharSet {
  const negated = content[0] === '!'
  const ranges: [string, string][] = []
  for (let i = negated ? 1 : 0; i < content.length; i++) {
    const first = content[i] ?? ''
    const last = content[i + 1] === '-' ? content[i + 2] : undefined
    ranges.push([first, last ?? first])
    if (last !== undefined) i += 2
  }
  return { negated, ranges }
}

function codePoint(char: string): number {
  return char.codePointAt(0) ?? 0
}
