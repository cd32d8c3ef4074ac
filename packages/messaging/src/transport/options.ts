/**
 * Options of transports: checked when given as an object, converted when given in a URL.
 */
import {
  checkOptions,
  kindsOf,
  type OptionRule,
  type OptionSpecs,
  type OptionValues,
  ruleOf,
  unknownOption,
} from '../option-spec.ts'

export {
  checkOptions,
  looksSecret,
  type OptionKind,
  type OptionRule,
  type OptionSpec,
  type OptionSpecs,
  type OptionValues,
} from '../option-spec.ts'

/**
 * Turns the query of a broker URL into options.
 *
 * Names may be snake_case or camelCase. Numbers are decimal; booleans are `true`, `yes`, `on`, `1`
 * and their opposites, in any case.
 *
 * @param subject Whose options they are, for the message.
 * @throws {ConfigurationError} `BAD_OPTION`: an unknown name, a wrong type, a value out of range.
 * @example
 * optionsFromQuery({ socket_timeout_ms: '500' }, { socketTimeoutMs: 'number' })   // { socketTimeoutMs: 500 }
 */
export function optionsFromQuery<const Specs extends OptionSpecs>(
  query: Readonly<Record<string, string>>,
  specs: Specs,
  subject = 'the broker URL',
): OptionValues<Specs> {
  const options: Record<string, string | number | boolean> = {}
  for (const [key, text] of Object.entries(query)) {
    const name = Object.hasOwn(specs, key) ? key : camelCased(key)
    const spec = Object.hasOwn(specs, name) ? specs[name] : undefined
    if (spec === undefined) throw unknownOption(subject, key, specs)
    options[name] = fromText(text, ruleOf(spec))
  }
  return checkOptions(subject, Object.freeze(options), specs)
}

function camelCased(name: string): string {
  return name.replaceAll(/_+([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())
}

// What does not convert stays text, so that checkOptions() says what was wanted.
function fromText(text: string, rule: OptionRule): string | number | boolean {
  const kinds = kindsOf(rule)
  if (kinds.includes('number') && /^[+-]?\d+(?:\.\d+)?$/.test(text)) return Number(text)
  if (kinds.includes('boolean') && /^(?:true|yes|on|1)$/i.test(text)) return true
  if (kinds.includes('boolean') && /^(?:false|no|off|0)$/i.test(text)) return false
  return text
}
