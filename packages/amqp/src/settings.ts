import { ConfigurationError, checkOptions } from '@dashi/messaging/transport'
import { type AmqpOptions, tlsSpecs, transportSpecs } from './options.ts'
import type { TlsSettings } from './tls.ts'

/** `AmqpOptions` with defaults. */
export interface AmqpSettings {
  readonly host: string
  readonly port: number
  readonly userid: string
  readonly password: string
  readonly virtualHost: string
  readonly loginMethod: 'PLAIN' | 'AMQPLAIN' | 'EXTERNAL'
  readonly ssl: TlsSettings | undefined
  /** `undefined`: what the broker proposes. */
  readonly heartbeatMs: number | undefined
  readonly readTimeoutMs: number | undefined
  readonly frameMax: number
  readonly channelMax: number
  readonly clientProperties: Readonly<Record<string, unknown>>
  readonly connectionName: string
  readonly confirms: boolean
  readonly maxUnconfirmed: number
  /** `undefined`: by the broker's version. */
  readonly maxPayloadBytes: number | undefined
}

const subject = 'the RabbitMQ transport'
// AMQP's own lower limit.
const smallestFrameMax = 4_096

/** @throws {ConfigurationError} `BAD_OPTION`: an unknown name, a wrong type, a value out of range. */
export function amqpSettings(options: AmqpOptions): AmqpSettings {
  checkOptions(subject, options, transportSpecs)
  const ssl = tlsOf(options.ssl)
  const { frameMax = 131_072, loginMethod = 'PLAIN' } = options
  if (frameMax !== 0 && frameMax < smallestFrameMax) throw frameMaxTooSmall(frameMax)
  if (loginMethod === 'EXTERNAL' && ssl === undefined) throw externalWithoutTls()
  return {
    host: options.host ?? 'localhost',
    port: options.port ?? (ssl ? 5_671 : 5_672),
    userid: options.userid ?? 'guest',
    password: options.password ?? 'guest',
    virtualHost: options.virtualHost ?? '/',
    loginMethod,
    ssl,
    heartbeatMs: options.heartbeatMs,
    readTimeoutMs: options.readTimeoutMs,
    frameMax,
    channelMax: options.channelMax ?? 0,
    clientProperties: options.clientProperties ?? {},
    connectionName: options.connectionName ?? 'dashi',
    confirms: options.confirms ?? true,
    maxUnconfirmed: options.maxUnconfirmed ?? 10_000,
    maxPayloadBytes: options.maxPayloadBytes,
  }
}

function tlsOf(given: boolean | TlsSettings | undefined): TlsSettings | undefined {
  if (given === undefined || given === false) return undefined
  if (given === true) return {}
  checkOptions(`option "ssl" of ${subject}`, given, tlsSpecs)
  return given
}

function frameMaxTooSmall(given: number): ConfigurationError {
  return new ConfigurationError(
    'BAD_OPTION',
    `Option "frameMax" of ${subject} has to be 0 or at least ${smallestFrameMax}, not ${given}`,
  )
}

function externalWithoutTls(): ConfigurationError {
  return new ConfigurationError(
    'BAD_OPTION',
    `Option "loginMethod" of ${subject} is EXTERNAL, which needs TLS with a certificate of our own: set "ssl" with "certfile" and "keyfile"`,
  )
}
