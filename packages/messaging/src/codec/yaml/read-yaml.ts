import { isMap, isScalar, isSeq, type Node, type Scalar, type YAMLMap, type YAMLSeq } from 'yaml'
import { SharedValues } from '../shared-values.ts'
import { aliasTargets } from './aliases.ts'
import { nodeTag, shownTag, textOf } from './node-tag.ts'
import { type ParseBounds, parseDocument } from './parse-document.ts'
import { scalarValues } from './scalar-value.ts'

/**
 * Reads a YAML 1.1 text as PyYAML's `safe_load` does.
 *
 * @throws RangeError for text that is none; DecodeError for a date that does not exist, a value that
 *   contains itself, and `TOO_LARGE`.
 */
export function readYaml(text: string, bounds: ParseBounds): unknown {
  checkCharacters(text)
  const root = parseDocument(text, bounds)?.contents
  if (root === undefined || root === null) return null
  const limits = { format: 'YAML', bounds: bounds.nesting, bodyBytes: text.length }
  return new Constructor(root, new SharedValues(limits)).value(root)
}

/** What PyYAML refuses; in quotes it can be written as an escape. */
const unprintable = /[^\t\n\r -~\x85\xa0-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u

function checkCharacters(text: string): void {
  const found = unprintable.exec(text)?.[0]
  if (found === undefined) return
  const code = (found.codePointAt(0) ?? 0).toString(16).padStart(4, '0')
  throw new RangeError(`it holds the character U+${code}, which YAML only has as an escape`)
}

type Entry = readonly [Node, Node | null]
type Entries = readonly Entry[]

/** Makes the values of nodes. */
class Constructor {
  readonly #targets: ReadonlyMap<Node, Node>
  readonly #shared: SharedValues
  /** Entries with those that are merged into them, by the mapping. */
  readonly #merged = new Map<Node, Entries>()

  constructor(root: Node, shared: SharedValues) {
    this.#targets = aliasTargets(root)
    this.#shared = shared
  }

  value(given: Node | null): unknown {
    if (given === null) return null
    const node = this.#target(given)
    if (isScalar(node)) return this.#scalar(node)
    if (isSeq<Node>(node)) return this.#shared.once(node, this.#sequence)
    if (isMap<Node, Node>(node)) return this.#shared.once(node, this.#mapping)
    throw new RangeError('it holds a node of an unknown kind')
  }

  #target(node: Node): Node {
    return this.#targets.get(node) ?? node
  }

  #scalar(scalar: Scalar): unknown {
    this.#shared.leaf()
    const tag = nodeTag(scalar, 'str')
    const read = scalarValues.get(tag)
    if (read === undefined) throw unknownTag(tag, 'a scalar')
    return read(textOf(scalar))
  }

  readonly #sequence = (node: YAMLSeq<Node>): unknown[] => {
    const tag = nodeTag(node, 'seq')
    if (tag === 'seq') return node.items.map((item) => this.value(item))
    if (tag === 'omap' || tag === 'pairs') return node.items.map((item) => this.#pair(item, tag))
    throw unknownTag(tag, 'a sequence')
  }

  /** An item of `!!omap` or `!!pairs`: a mapping of one entry, which becomes a list of two. */
  #pair(item: Node, tag: string): unknown[] {
    const node = this.#target(item)
    const [entry, second] = isMap<Node, Node>(node) ? node.items : []
    if (entry === undefined || second !== undefined) {
      throw new RangeError(`an item of !!${tag} is no mapping of one entry`)
    }
    return [this.#key(entry.key), this.value(entry.value)]
  }

  readonly #mapping = (node: YAMLMap<Node, Node>): unknown => {
    const tag = nodeTag(node, 'map')
    if (tag !== 'map' && tag !== 'set') throw unknownTag(tag, 'a mapping')
    const entries = this.#entries(node)
    const keys = entries.map(([key]) => this.#key(key))
    if (tag === 'set') return new Set(keys)
    const values = entries.map(([, value]) => this.value(value))
    return keys.every((key) => typeof key === 'string')
      ? objectOf(keys, values)
      : new Map(keys.map((key, at) => [key, values[at]]))
  }

  #key(given: Node): unknown {
    const node = this.#target(given)
    if (!isScalar(node)) throw new RangeError('a key is a list or a mapping, which Python refuses')
    if (nodeTag(node, 'str') === 'value') return textOf(node)
    const key = this.#scalar(node)
    if (key !== '__proto__') return key
    throw new RangeError(
      "a mapping has the key '__proto__', which would change what objects in this process inherit when it is copied",
    )
  }

  /** Those that are merged come first, so that the mapping's own take their place. */
  #entries(node: YAMLMap<Node, Node>): Entries {
    const known = this.#merged.get(node)
    if (known !== undefined) return known
    // Until it is known: a mapping that is merged into itself adds nothing.
    this.#merged.set(node, [])
    const own: Entry[] = []
    const merged = new Map<string, Entry>()
    for (const { key, value } of node.items) {
      if (isMergeKey(key)) this.#merge(merged, value)
      else own.push([key, value])
    }
    this.#shared.leaf(merged.size)
    const entries = [...merged.values(), ...own]
    this.#merged.set(node, entries)
    return entries
  }

  /** Adds the entries of a mapping, or of a list of them; of the same key the first counts. */
  #merge(merged: Map<string, Entry>, value: Node | null): void {
    const node = value === null ? value : this.#target(value)
    if (isSeq<Node>(node)) {
      for (const item of node.items) this.#mergeOne(merged, this.#target(item))
    } else {
      this.#mergeOne(merged, node)
    }
  }

  #mergeOne(merged: Map<string, Entry>, node: Node | null): void {
    if (!isMap<Node, Node>(node)) throw new RangeError('it merges (<<) what is no mapping')
    for (const entry of this.#entries(node)) {
      const key = this.#target(entry[0])
      const name = isScalar(key) ? `${nodeTag(key, 'str')} ${textOf(key)}` : ''
      if (!merged.has(name)) merged.set(name, entry)
    }
  }
}

function isMergeKey(key: Node): boolean {
  return isScalar(key) && nodeTag(key, 'str') === 'merge'
}

function objectOf(keys: readonly string[], values: readonly unknown[]): Record<string, unknown> {
  const object: Record<string, unknown> = {}
  for (const [at, key] of keys.entries()) object[key] = values[at]
  return object
}

function unknownTag(tag: string, kind: string): RangeError {
  const shown = shownTag(tag)
  const cut = shown.length > 120 ? `${shown.slice(0, 120)}…` : shown
  return new RangeError(
    `it tags ${kind} as '${cut}'. Only the tags of YAML itself are read here: nothing else is made, and nothing is called`,
  )
}
