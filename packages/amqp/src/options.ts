/** What `amqp()` takes. */
import type { OptionSpecs } from '@dashi/messaging/transport'
import type { TlsSettings } from './tls.ts'

export type { TlsSettings } from './tls.ts'

/** How to reach RabbitMQ, and how to behave there. Names are Kombu's and py-amqp's, camelCased; time is milliseconds. */
export interface AmqpOptions {
  /** Default `localhost`. */
  readonly host?: string | undefined
  /** Default 5672, with TLS 5671. */
  readonly port?: number | undefined
  /** Default `guest`. */
  readonly userid?: string | undefined
  /** Default `guest`. */
  readonly password?: string | undefined
  /** Default `/`. */
  readonly virtualHost?: string | undefined
  /** SASL mechanism. Default `PLAIN`; `EXTERNAL` with a client certificate. */
  readonly loginMethod?: 'PLAIN' | 'AMQPLAIN' | 'EXTERNAL' | undefined
  /** TLS: `true` checks the broker against the system's authorities, its name included. Default `false`. */
  readonly ssl?: boolean | TlsSettings | undefined
  /**
   * Longest silence on an idle connection, kept by both sides; two of them without a sign of life end it. Whole seconds
   * on the wire. 0 = none. Default: what the broker proposes, which is a minute.
   */
  readonly heartbeatMs?: number | undefined
  /** Longest silence of the broker, heartbeats included, before the connection counts as lost. Default: what `heartbeatMs` says. */
  readonly readTimeoutMs?: number | undefined
  /** Largest frame in bytes; 0 = as large as the broker allows. Default 131 072, RabbitMQ's own. */
  readonly frameMax?: number | undefined
  /** Most channels of a connection; 0 = as many as the broker allows. Default 0. */
  readonly channelMax?: number | undefined
  /** What the broker is told about us, beside product and capabilities. */
  readonly clientProperties?: Readonly<Record<string, unknown>> | undefined
  /** What its list of connections shows, followed by the role. Default `dashi`. */
  readonly connectionName?: string | undefined
  /**
   * Whether `publish()` waits until the broker has the message. Default `true`. With `false` it resolves when the message
   * was written, messages can be lost without anybody noticing, and those that no queue took are reported as warnings.
   */
  readonly confirms?: boolean | undefined
  /** Most published messages that wait for their confirm; further ones wait here. Default 10 000. */
  readonly maxUnconfirmed?: number | undefined
  /** Largest message in bytes, headers included. Default: what the broker's version accepts unless it is told otherwise, 128 MiB or 16 MiB (from 4.0). */
  readonly maxPayloadBytes?: number | undefined
}

const milliseconds = { type: 'number', min: 1 } as const

/** What there is in {@link AmqpOptions}, for checking. */
export const transportSpecs: OptionSpecs = {
  host: { type: 'string', min: 1 },
  port: { type: 'number', integer: true, min: 1, max: 65_535 },
  userid: 'string',
  password: 'string',
  virtualHost: { type: 'string', min: 1, max: 255 },
  loginMethod: { type: 'string', oneOf: ['PLAIN', 'AMQPLAIN', 'EXTERNAL'] },
  ssl: ['boolean', 'object'],
  heartbeatMs: { type: 'number', min: 0, max: 65_535_000 },
  readTimeoutMs: milliseconds,
  frameMax: { type: 'number', integer: true, min: 0, max: 2 ** 31 - 1 },
  channelMax: { type: 'number', integer: true, min: 0, max: 65_535 },
  clientProperties: 'object',
  connectionName: { type: 'string', min: 1 },
  confirms: 'boolean',
  maxUnconfirmed: { type: 'number', integer: true, min: 1 },
  maxPayloadBytes: { type: 'number', integer: true, min: 1 },
}

/** What there is in {@link TlsSettings}, for checking. */
export const tlsSpecs: OptionSpecs = {
  certReqs: { type: 'string', oneOf: ['required', 'optional', 'none'] },
  caCerts: 'string',
  caData: 'string',
  certfile: 'string',
  keyfile: 'string',
  keyfilePassword: 'string',
  checkHostname: 'boolean',
  serverHostname: 'string',
  ciphers: 'string',
}
