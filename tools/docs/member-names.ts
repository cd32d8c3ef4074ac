import { existsSync, readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { parseSync } from 'vite'
import { packageEntry } from './package-entry.ts'
import type { PublicName } from './public-names.ts'

/** A node of the syntax tree; what is in it depends on its type. */
type Node = { readonly type: string } & { readonly [part: string]: unknown }

interface Declared {
  readonly file: string
  readonly node: Node
}

/** Finds what classes and interfaces have, with what they inherit. */
export class MemberNames {
  readonly #root: string
  readonly #bodies = new Map<string, readonly Node[]>()

  constructor(root: string) {
    this.#root = root
  }

  /** The public members of a class or an interface; none for other names. */
  of({ file, line, name }: PublicName): ReadonlySet<string> {
    const node =
      this.#body(file).find((one) => lineOf(file, one) === line) ?? this.#node(file, name)
    return new Set(node === undefined ? [] : this.#membersOf({ file, node: unwrapped(node) }))
  }

  #membersOf({ file, node }: Declared): readonly string[] {
    const body = nodeIn(node, 'body')
    const own = body === undefined ? [] : nodesIn(body, 'body').flatMap(memberName)
    const inherited = basesOf(node).flatMap((name) => {
      const base = this.#resolve(file, name)
      return base === undefined ? [] : this.#membersOf(base)
    })
    return [...own, ...inherited]
  }

  /** Where the name that a file uses is declared. */
  #resolve(file: string, name: string): Declared | undefined {
    const local = this.#node(file, name)
    if (local !== undefined) return { file, node: local }
    for (const statement of this.#body(file)) {
      const isPassedOn = statement.type === 'ExportAllDeclaration'
      if (!isPassedOn && importedName(statement, name) === undefined) continue
      const target = this.#fileOf(file, nodeIn(statement, 'source')?.['value'])
      const origin = importedName(statement, name) ?? name
      const found = target === undefined ? undefined : this.#resolve(target, origin)
      if (found !== undefined) return found
    }
    return undefined
  }

  #fileOf(file: string, specifier: unknown): string | undefined {
    if (typeof specifier !== 'string') return undefined
    if (specifier.startsWith('.')) return resolve(dirname(file), specifier)
    return packageEntry(this.#root, specifier)
  }

  #node(file: string, name: string): Node | undefined {
    const nodes = this.#body(file).map(unwrapped)
    return nodes.find((node) => nodeIn(node, 'id')?.['name'] === name)
  }

  #body(file: string): readonly Node[] {
    const known = this.#bodies.get(file)
    if (known !== undefined || !existsSync(file)) return known ?? []
    // The parser's own types are a union of all nodes; only the few parts named here are looked at.
    const body = parseSync(file, readFileSync(file, 'utf8')).program.body as unknown as Node[]
    this.#bodies.set(file, body)
    return body
  }
}

function lineOf(file: string, { start }: Node): number {
  return readFileSync(file, 'utf8').slice(0, Number(start)).split('\n').length
}

function unwrapped(node: Node): Node {
  return nodeIn(node, 'declaration') ?? node
}

function memberName(member: Node): readonly string[] {
  const key = nodeIn(member, 'key')
  return key?.type === 'Identifier' && member['accessibility'] !== 'private'
    ? [String(key['name'])]
    : []
}

/** The names after `extends`, also inside of `Omit<…>` and `Pick<…>`. */
function basesOf(node: Node): readonly string[] {
  const superClass = nodeIn(node, 'superClass')
  const heritage = nodesIn(node, 'extends').flatMap((one) => {
    const base = nodeIn(one, 'expression')?.['name']
    const [first] = nodesIn(nodeIn(one, 'typeArguments') ?? one, 'params')
    return base === 'Omit' || base === 'Pick' ? nodeIn(first ?? one, 'typeName')?.['name'] : base
  })
  return [superClass?.['name'], ...heritage].filter((name) => typeof name === 'string')
}

function importedName(statement: Node, local: string): string | undefined {
  const specifier = nodesIn(statement, 'specifiers').find((one) => {
    const visible = statement.type === 'ImportDeclaration' ? 'local' : 'exported'
    return nodeIn(one, visible)?.['name'] === local
  })
  const origin = statement.type === 'ImportDeclaration' ? 'imported' : 'local'
  const name = specifier && nodeIn(specifier, origin)?.['name']
  return typeof name === 'string' ? name : undefined
}

function nodeIn(node: Node, part: string): Node | undefined {
  const value = node[part]
  return isNode(value) ? value : undefined
}

function nodesIn(node: Node, part: string): readonly Node[] {
  const value = node[part]
  return Array.isArray(value) ? value.filter(isNode) : []
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value
}
