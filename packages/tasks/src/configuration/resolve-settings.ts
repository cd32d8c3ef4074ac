import { closestName } from '@dashi/messaging/transport'
import { ImproperlyConfiguredError } from '../errors.ts'
import { defaultSettings } from './default-settings.ts'
import type { AppOptions, Settings } from './settings.ts'

/**
 * Completes what an app was given by the defaults.
 *
 * @throws {ImproperlyConfiguredError} naming every setting that does not exist, and the one that was likely meant.
 */
export function resolveSettings(options: AppOptions): Settings {
  const { broker, backend, ...given } = options
  refuseUnknown(Object.keys(given))
  return Object.freeze({
    ...defaultSettings,
    ...defined(given),
    ...(broker !== undefined && { brokerUrl: broker }),
    ...(backend !== undefined && { resultBackend: backend }),
  })
}

/** What was given as `undefined` was not given. */
function defined<Given extends object>(given: Given): Given {
  const entries = Object.entries(given).filter(([, value]) => value !== undefined)
  return Object.fromEntries(entries) as Given // Nothing that its type says is missing.
}

function refuseUnknown(names: readonly string[]): void {
  const unknown = names.filter((name) => !(name in defaultSettings))
  if (unknown.length === 0) return
  const told = unknown.map((name) => {
    const meant = closestName(name, Object.keys(defaultSettings))
    return meant === undefined ? `"${name}"` : `"${name}" (did you mean "${meant}"?)`
  })
  throw new ImproperlyConfiguredError(
    `Unknown settings: ${told.join(', ')}. Names of Celery, such as "task_routes", are understood by fromCeleryConfig()`,
  )
}
