/** What can be put under faults, and how firmly it can be told to store. */

/** `kombu-…`: consumers of Kombu on the same broker, to compare with. */
export const transports = [
  'redis',
  'redis-sentinel',
  'rabbitmq-classic',
  'rabbitmq-quorum',
  'sqlite',
  'filesystem',
  'kombu-redis',
  'kombu-rabbitmq',
  'kombu-filesystem',
] as const

/**
 * What has to be true before a publish counts as confirmed.
 *
 * | word | of | means |
 * | --- | --- | --- |
 * | `always` `everysec` `off` | Redis | `appendfsync`; `off` is no append-only file |
 * | `replica` `master` | Redis with Sentinel | `confirmReplicas: 1`; only the master's answer |
 * | `confirmed` `transient` `unconfirmed` | RabbitMQ | persistent messages, confirmed; delivery mode 1; `confirms: false` |
 * | `full` `normal` | files | with and without waiting for the disk |
 */
export const durabilities = [
  'always',
  'everysec',
  'off',
  'replica',
  'master',
  'confirmed',
  'transient',
  'unconfirmed',
  'full',
  'normal',
] as const

export type TransportName = (typeof transports)[number]
export type Durability = (typeof durabilities)[number]

/** What each transport knows; the first is what a run has unless told otherwise. */
export const durabilitiesOf: Readonly<
  Record<TransportName, readonly [Durability, ...Durability[]]>
> = {
  redis: ['always', 'everysec', 'off'],
  'kombu-redis': ['always', 'everysec', 'off'],
  'redis-sentinel': ['replica', 'master'],
  'rabbitmq-classic': ['confirmed', 'transient', 'unconfirmed'],
  // Its messages are on disk whatever their delivery mode.
  'rabbitmq-quorum': ['confirmed', 'unconfirmed'],
  'kombu-rabbitmq': ['confirmed', 'transient', 'unconfirmed'],
  sqlite: ['full', 'normal'],
  filesystem: ['full', 'normal'],
  'kombu-filesystem': ['full', 'normal'],
}

/**
 * Whether the broker may forget an acknowledgement that it has confirmed, when it dies: RabbitMQ writes them down later than it
 * answers, and a replica may not have got them. The message is then delivered again.
 */
export function forgetsAcks(transport: TransportName): boolean {
  return transport.includes('rabbitmq') || transport === 'redis-sentinel'
}

/** Whether the broker may forget in a failover that it has handed out a message, so that the next one to get it is not told. */
export function forgetsTakes(transport: TransportName): boolean {
  return transport === 'redis-sentinel'
}

/** Whether the disk is the broker. */
export function isFile(transport: TransportName): boolean {
  return transport === 'sqlite' || transport.endsWith('filesystem')
}

/** Whether the consumers are Kombu's. */
export function isKombu(transport: TransportName): boolean {
  return transport.startsWith('kombu-')
}

/** Whether the end of a broker's process has to cost confirmed messages. */
export function losesByDurability(durability: Durability): boolean {
  return ['off', 'master', 'transient', 'unconfirmed'].includes(durability)
}
