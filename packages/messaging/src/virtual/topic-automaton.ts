/**
 * Kombu's topic patterns in full, for keys that no sane program uses: a `*` inside a word repeats the
 * character before it, `.` of a regular expression stops at a line break, `$` also matches before a last one.
 *
 * Every character of the routing key is looked at once, against all states that are possible there:
 * time is at most text × key.
 */

/** `run`: as many characters as wanted, but no line break. `word-end`: one character, but no dot. */
type Atom =
  | { readonly kind: 'run' }
  | { readonly kind: 'word-end' }
  | { readonly kind: 'char'; readonly char: string }
  | { readonly kind: 'repeat'; readonly char: string }

/** The answer of Python's `re.match` for the pattern of a key; the pattern has to compile. */
export function matchTopicAutomaton(bindingKey: string, routingKey: string): boolean {
  const atoms = parse(bindingKey)
  const text = Array.from(routingKey)
  let states = reachable(atoms, [0])

  for (const [i, char] of text.entries()) {
    if (i === text.length - 1 && char === '\n' && states.has(atoms.length)) return true
    states = reachable(atoms, step(atoms, states, char))
    if (states.size === 0) return false
  }
  return states.has(atoms.length)
}

function* step(
  atoms: readonly Atom[],
  states: ReadonlySet<number>,
  char: string,
): Iterable<number> {
  for (const state of states) {
    const atom = atoms[state]
    if (atom === undefined || !accepts(atom, char)) continue
    yield atom.kind === 'run' || atom.kind === 'repeat' ? state : state + 1
  }
}

function accepts(atom: Atom, char: string): boolean {
  switch (atom.kind) {
    case 'run':
      return char !== '\n'
    case 'word-end':
      return char !== '.'
    default:
      return atom.char === char
  }
}

/** States, and those behind atoms that may take nothing. */
function reachable(atoms: readonly Atom[], states: Iterable<number>): ReadonlySet<number> {
  const all = new Set<number>()
  for (let state of states) {
    all.add(state)
    while (atoms[state]?.kind === 'run' || atoms[state]?.kind === 'repeat') all.add(++state)
  }
  return all
}

function parse(bindingKey: string): readonly Atom[] {
  const atoms: Atom[] = []
  for (const [i, word] of bindingKey.split('.').entries()) {
    if (i > 0) atoms.push({ kind: 'char', char: '.' })
    if (word === '*' || word === '#') atoms.push({ kind: 'run' })
    if (word === '*') atoms.push({ kind: 'word-end' })
    if (word !== '*' && word !== '#') pushWord(atoms, word)
  }
  return atoms
}

function pushWord(atoms: Atom[], word: string): void {
  for (const char of word) {
    const last = atoms.at(-1)
    if (char === '*' && last?.kind === 'char') {
      atoms[atoms.length - 1] = { kind: 'repeat', char: last.char }
    } else {
      atoms.push({ kind: 'char', char })
    }
  }
}
