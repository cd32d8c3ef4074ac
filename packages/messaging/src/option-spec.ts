/**
 * Checks of options that a user gave, from a declarative list of what exists.
 */
import { closestName } from './closest-name.ts'
import { ConfigurationError } from './errors.ts'

/** What an option's value can be. `number` is finite; `object` is neither null nor an array. */
export type OptionKind =
  | 'string'
  | 'number'
  | 'boolean'
  | 'bigint'
  | 'object'
  | 'array'
  | 'function'

/** An option with more to say than its kind. */
export interface OptionRule {
  readonly type: OptionKind | readonly OptionKind[]
  /** Smallest number, or length of a string or array. */
  readonly min?: number
  /** Largest number, or length of a string or array. */
  readonly max?: number
  /** Whole numbers only. */
  readonly integer?: boolean
  /** The values there are. */
  readonly oneOf?: readonly (string | number | boolean)[]
  /** The value never appears in an error. Default: by the name, e.g. `password`. */
  readonly secret?: boolean
}

/** Shape of one option: a kind, several kinds, or a rule. */
export type OptionSpec = OptionKind | readonly OptionKind[] | OptionRule

/**
 * Every option there is, by name.
 *
 * @example
 * { globalKeyprefix: 'string', fanoutPrefix: ['boolean', 'string'], port: { type: 'number', integer: true, min: 1 } }
 */
export type OptionSpecs = Readonly<Record<string, OptionSpec>>

interface ValueOfKind {
  readonly string: string
  readonly number: number
  readonly boolean: boolean
  readonly bigint: bigint
  readonly object: Readonly<Record<string, unknown>>
  readonly array: readonly unknown[]
  readonly function: (...parameters: never[]) => unknown
}

type OptionValue<Spec> = Spec extends { readonly oneOf: readonly (infer Allowed)[] }
  ? Allowed
  : Spec extends { readonly type: infer Kind }
    ? OptionValue<Kind>
    : Spec extends readonly (infer Kind)[]
      ? OptionValue<Kind>
      : Spec extends OptionKind
        ? ValueOfKind[Spec]
        : never

/** The options that a spec describes, each of which may be missing. */
export type OptionValues<Specs extends OptionSpecs> = {
  readonly [Name in keyof Specs]?: OptionValue<Specs[Name]> | undefined
}

/**
 * Accepts options whose names and values fit, `undefined` standing for "not given".
 *
 * @param subject Whose options they are, for the message, e.g. `the redis transport`.
 * @returns what was given, now with types.
 * @throws {ConfigurationError} `BAD_OPTION`: an unknown name, a wrong type, a value out of range.
 */
export function checkOptions<const Specs extends OptionSpecs>(
  subject: string,
  given: object,
  specs: Specs,
): OptionValues<Specs> {
  if (kindOf(given) !== 'object') {
    throw new ConfigurationError(
      'BAD_OPTION',
      `The options of ${subject} have to be an object, not ${described(given)}`,
    )
  }
  for (const [name, value] of Object.entries(given)) {
    const spec = Object.hasOwn(specs, name) ? specs[name] : undefined
    if (spec === undefined) throw unknownOption(subject, name, specs)
    if (value !== undefined) checkValue({ subject, name, rule: ruleOf(spec) }, value)
  }
  // Every name and every value has just been looked at.
  return given as OptionValues<Specs>
}

/** The error for an option that does not exist. */
export function unknownOption(
  subject: string,
  name: string,
  specs: OptionSpecs,
): ConfigurationError {
  const names = Object.keys(specs)
  const closest = closestName(name, names)
  const suggestion = closest === undefined ? '' : ` Did you mean "${closest}"?`
  const list = names.length === 0 ? 'It has no options' : `Its options are ${names.join(', ')}`
  return new ConfigurationError(
    'BAD_OPTION',
    `Unknown option "${name}" of ${subject}.${suggestion} ${list}`,
  )
}

/** True for names whose values must not be printed. */
export function looksSecret(name: string): boolean {
  return /passw|passphrase|secret|token|credential|(private|access|account|api|shared)[_-]?key/i.test(
    name,
  )
}

/** A spec in its long form. */
export function ruleOf(spec: OptionSpec): OptionRule {
  return typeof spec === 'string' || Array.isArray(spec)
    ? { type: spec as OptionKind | readonly OptionKind[] } // Array.isArray() does not narrow readonly arrays
    : (spec as OptionRule) // the same: the array is ruled out above
}

/** The kinds of a rule, as a list. */
export function kindsOf(rule: OptionRule): readonly OptionKind[] {
  return typeof rule.type === 'string' ? [rule.type] : rule.type
}

interface NamedRule {
  readonly subject: string
  readonly name: string
  readonly rule: OptionRule
}

function checkValue(option: NamedRule, value: unknown): void {
  const { rule } = option
  const kind = kindOf(value)
  if (!kindsOf(rule).some((wanted) => wanted === kind)) {
    throw badValue(option, kindsOf(rule).map(withArticle).join(' or '), value)
  }
  if (rule.oneOf !== undefined && !rule.oneOf.some((allowed) => allowed === value)) {
    throw badValue(option, `one of ${rule.oneOf.map((v) => JSON.stringify(v)).join(', ')}`, value)
  }
  if (rule.integer === true && kind === 'number' && !Number.isSafeInteger(value)) {
    throw badValue(option, 'a whole number', value)
  }
  checkRange(option, value)
}

function checkRange(option: NamedRule, value: unknown): void {
  const { min, max } = option.rule
  const size = sizeOf(value)
  if (size === undefined) return
  const what = typeof value === 'number' ? '' : 'of length '
  if (min !== undefined && size < min) throw badValue(option, `${what}at least ${min}`, value)
  if (max !== undefined && size > max) throw badValue(option, `${what}at most ${max}`, value)
}

function sizeOf(value: unknown): number | undefined {
  if (typeof value === 'number') return value
  if (typeof value === 'string' || Array.isArray(value)) return value.length
  return undefined
}

function badValue(option: NamedRule, wanted: string, value: unknown): ConfigurationError {
  const { subject, name, rule } = option
  const hidden = rule.secret ?? looksSecret(name)
  const got = hidden ? `${kindOf(value)} (not shown)` : described(value)
  return new ConfigurationError(
    'BAD_OPTION',
    `Option "${name}" of ${subject} has to be ${wanted}, not ${got}`,
  )
}

function kindOf(value: unknown): OptionKind | 'null' | 'undefined' | 'symbol' | 'not-a-number' {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'array'
  if (typeof value === 'number' && !Number.isFinite(value)) return 'not-a-number'
  return typeof value
}

function withArticle(kind: OptionKind): string {
  return /^[aeiou]/.test(kind) ? `an ${kind}` : `a ${kind}`
}

const maxShown = 60

function described(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return `string ${JSON.stringify(value.length > maxShown ? `${value.slice(0, maxShown)}…` : value)}`
    case 'number':
    case 'boolean':
    case 'bigint':
      return `${typeof value} ${value}`
    default:
      // Objects may hold secrets under any name.
      return kindOf(value)
  }
}
