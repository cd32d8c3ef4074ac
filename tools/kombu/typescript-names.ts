import { entryPoints } from '../docs/entry-points.ts'
import { MemberNames } from '../docs/member-names.ts'
import { packageEntry } from '../docs/package-entry.ts'
import { type PublicName, publicNames } from '../docs/public-names.ts'

/** What the packages export, with the members of it. */
export class TypeScriptNames {
  readonly #root: string
  readonly #names: ReadonlyMap<string, readonly PublicName[]>
  readonly #members: MemberNames

  /** Of the packages below `root`. */
  constructor(root: string) {
    this.#root = root
    const all = entryPoints(root).flatMap((entry) => publicNames(entry))
    this.#names = Map.groupBy(all, ({ name }) => name)
    this.#members = new MemberNames(root)
  }

  /** Whether there is a name such as `Queue`, `Queue.declare` or `@dashi/redis`, or one that is a member of an owner. */
  has(name: string, owners: readonly string[] = []): boolean {
    if (name.startsWith('@')) return packageEntry(this.#root, name) !== undefined
    if (owners.some((owner) => this.#hasMember(owner, name))) return true
    const [first = '', member, ...rest] = name.split('.')
    if (rest.length > 0) return false
    return member === undefined ? this.#names.has(first) : this.#hasMember(first, member)
  }

  #hasMember(owner: string, member: string): boolean {
    const found = this.#names.get(owner) ?? []
    return found.some((one) => this.#members.of(one).has(member))
  }
}
