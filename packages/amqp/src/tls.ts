import { readFile } from 'node:fs/promises'
import { isIP } from 'node:net'
import type { ConnectionOptions } from 'node:tls'
import { ConfigurationError, reasonOf } from '@dashi/messaging/transport'

/** How a TLS connection is made. Names are py-amqp's, camelCased, with what it lacks. */
export interface TlsSettings {
  /** `none` accepts any certificate; `optional` is the same as `required`, the default. */
  readonly certReqs?: 'required' | 'optional' | 'none' | undefined
  /** File of authorities to trust instead of the system's, in PEM. Read at every connect. */
  readonly caCerts?: string | undefined
  /** The same as text. */
  readonly caData?: string | undefined
  /** File of our own certificate, in PEM. With `loginMethod: 'EXTERNAL'` it says who we are. */
  readonly certfile?: string | undefined
  /** File of its key, in PEM. */
  readonly keyfile?: string | undefined
  readonly keyfilePassword?: string | undefined
  /** Whether the certificate must name the host. Default `true`, unless `certReqs` is `none`. */
  readonly checkHostname?: boolean | undefined
  /** The name to expect and to ask for, where it is not the host. */
  readonly serverHostname?: string | undefined
  /** OpenSSL's list of ciphers. */
  readonly ciphers?: string | undefined
}

/**
 * What Node needs to know, files read.
 *
 * @throws {ConfigurationError} `BAD_OPTION` when a file cannot be read.
 */
export async function tlsOptions(
  settings: TlsSettings,
  host: string,
): Promise<Omit<ConnectionOptions, 'timeout'>> {
  const [ca, cert, key] = await Promise.all([
    contentOf('caCerts', settings.caCerts),
    contentOf('certfile', settings.certfile),
    contentOf('keyfile', settings.keyfile),
  ])
  const authorities = settings.caData ?? ca
  const servername = settings.serverHostname ?? (isIP(host) ? undefined : host)
  return {
    ...(authorities === undefined ? {} : { ca: authorities }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
    ...(settings.keyfilePassword === undefined ? {} : { passphrase: settings.keyfilePassword }),
    ...(servername === undefined ? {} : { servername }),
    ...(settings.ciphers === undefined ? {} : { ciphers: settings.ciphers }),
    ...(settings.checkHostname === false ? { checkServerIdentity: () => undefined } : {}),
    rejectUnauthorized: settings.certReqs !== 'none',
  }
}

async function contentOf(option: string, path: string | undefined): Promise<string | undefined> {
  if (path === undefined) return undefined
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    throw unreadable(option, error)
  }
}

function unreadable(option: string, cause: unknown): ConfigurationError {
  return new ConfigurationError(
    'BAD_OPTION',
    `Cannot read the file of TLS option "${option}": ${reasonOf(cause)}`,
    { cause },
  )
}
