import { closestName } from '@dashi/messaging/transport'
import { ImproperlyConfiguredError } from '../errors.ts'
import { celerySettings } from './celery/celery-settings.ts'
import { convertSetting } from './celery/convert-setting.ts'
import type { AppOptions } from './settings.ts'

/** How a configuration of Celery is read. */
export interface FromCeleryConfigOptions {
  /** Prefix of all names that count, e.g. `CELERY` as Django projects have it; the rest of a name is the one of today. */
  readonly namespace?: string
  /** Told of a setting that has no effect here, with the reason. Default: a warning of the process. */
  readonly onIgnored?: (name: string, reason: string) => void
}

/**
 * Reads a configuration of Celery: lower-case names, the upper-case ones of 3.x, or those of a namespace. Seconds become
 * milliseconds.
 *
 * @throws {ImproperlyConfiguredError} naming every setting that Celery does not know, with the one that was likely meant; old and
 *   new names mixed in one configuration; a value of the wrong type.
 * @example
 * const app = new App('proj', fromCeleryConfig({ CELERY_BROKER_URL: 'redis://' }, { namespace: 'CELERY' }))
 */
export function fromCeleryConfig(
  config: Readonly<Record<string, unknown>>,
  options: FromCeleryConfigOptions = {},
): AppOptions {
  const names =
    options.namespace === undefined ? plainNames(config) : spaced(config, options.namespace)
  const settings: Record<string, unknown> = {}
  for (const [given, name] of names) apply(settings, { given, name, value: config[given] }, options)
  // Every name was looked up among ours.
  return settings as AppOptions
}

interface GivenSetting {
  readonly given: string
  readonly name: string
  readonly value: unknown
}

function apply(
  settings: Record<string, unknown>,
  { given, name, value }: GivenSetting,
  { onIgnored = warn }: FromCeleryConfigOptions,
): void {
  const known = celerySettings[name]
  if (known === undefined) return
  if ('ignored' in known) {
    onIgnored(given, known.ignored)
    return
  }
  const converted = convertSetting(given, value, known.as)
  const before = settings[known.to]
  // Several settings of Celery are one of ours: options of the connection.
  settings[known.to] =
    isOptions(before) && isOptions(converted) ? { ...before, ...converted } : converted
}

/** Pairs of the name as given and the name of today. */
type Names = readonly (readonly [given: string, name: string])[]

function plainNames(config: Readonly<Record<string, unknown>>): Names {
  const byOld = new Map(Object.entries(celerySettings).map(([name, { old }]) => [old, name]))
  const unknown: string[] = []
  const names = Object.keys(config).flatMap((given): Names => {
    if (Object.hasOwn(celerySettings, given)) return [[given, given]]
    const name = byOld.get(given)
    if (name !== undefined) return [[given, name]]
    unknown.push(given)
    return []
  })
  refuse(unknown, [...Object.keys(celerySettings), ...byOld.keys()])
  refuseMixture(names)
  return names
}

/** In a namespace only the names of today count, in the case of the prefix. */
function spaced(config: Readonly<Record<string, unknown>>, namespace: string): Names {
  const prefix = namespace.endsWith('_') ? namespace : `${namespace}_`
  const unknown: string[] = []
  const names = Object.keys(config).flatMap((given): Names => {
    if (!given.startsWith(prefix)) return []
    const name = given.slice(prefix.length).toLowerCase()
    if (Object.hasOwn(celerySettings, name)) return [[given, name]]
    unknown.push(given)
    return []
  })
  refuse(
    unknown,
    Object.keys(celerySettings).map((name) => prefix + name.toUpperCase()),
  )
  return names
}

function refuse(unknown: readonly string[], known: readonly string[]): void {
  if (unknown.length === 0) return
  const told = unknown.map((name) => {
    const meant = closestName(name, known)
    return meant === undefined ? `"${name}"` : `"${name}" (did you mean "${meant}"?)`
  })
  throw new ImproperlyConfiguredError(`Unknown settings of Celery: ${told.join(', ')}`)
}

/** As Celery: which of the two would win nobody could tell. */
function refuseMixture(names: Names): void {
  const old = names.filter(([given, name]) => given !== name)
  if (old.length === 0 || old.length === names.length) return
  const told = old.map(([given, name]) => `"${given}" is "${name}"`).join(', ')
  throw new ImproperlyConfiguredError(
    `Old and new names are mixed in one configuration of Celery. Use the new ones: ${told}`,
  )
}

function isOptions(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function warn(name: string, reason: string): void {
  process.emitWarning(`Setting "${name}" of Celery has no effect: ${reason}`, 'DashiWarning')
}
