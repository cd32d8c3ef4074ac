import { parseBrokerUrl } from '@dashi/messaging/transport'
import { type RedisServerOptions, serverSpecs } from './options.ts'
import { optionsFromUrl } from './options-from-url.ts'
import { type ServerSettings, serverSettings } from './settings.ts'

/**
 * The settings of a server given as a URL or as options.
 *
 * @param subject Whose they are, for messages.
 * @throws {ConfigurationError} `BAD_OPTION`, `UNKNOWN_SCHEME`.
 */
export function serverOf(server: string | RedisServerOptions, subject: string): ServerSettings {
  if (typeof server !== 'string') return serverSettings(server, subject)
  const options = optionsFromUrl(parseBrokerUrl(server, 'redis'), {}, serverSpecs)
  // Names and types are checked by serverSettings().
  return serverSettings(options as RedisServerOptions, subject)
}
