import { ConnectionError, reasonOf } from '@dashi/messaging/transport'
import type { SentinelSettings, ServerSettings } from '../settings.ts'
import { openClient, type RedisClient } from './client.ts'
import { tlsOptions } from './tls.ts'

interface MasterAddress {
  readonly host: string
  readonly port: number
}

/**
 * Asks the sentinels one after the other, until one knows the master.
 *
 * @throws {ConnectionError} `CONNECTION_REFUSED`, with what each of them said.
 */
export async function askSentinels(
  settings: ServerSettings,
  sentinel: SentinelSettings,
  signal: AbortSignal,
): Promise<MasterAddress> {
  const reasons: string[] = []
  for (const address of sentinel.addresses) {
    try {
      return await askOne({ ...settings, ...address }, sentinel, signal)
    } catch (error) {
      signal.throwIfAborted()
      reasons.push(`${address.host}:${address.port}: ${reasonOf(error)}`)
    }
  }
  throw new ConnectionError(
    'CONNECTION_REFUSED',
    `No sentinel names a master "${sentinel.masterName}" (${reasons.join('; ')}). ` +
      'Check "masterName" and that the sentinels run',
  )
}

async function askOne(
  settings: ServerSettings,
  sentinel: SentinelSettings,
  signal: AbortSignal,
): Promise<MasterAddress> {
  const tls = sentinel.ssl === undefined ? undefined : await tlsOptions(sentinel.ssl)
  const { username, password } = sentinel
  const own = { username, password, path: undefined, database: 0, tls, tracking: false }
  const client = await openClient({ ...settings, ...own }, signal)
  try {
    return await masterAt(client, sentinel)
  } finally {
    client.destroy()
  }
}

async function masterAt(client: RedisClient, sentinel: SentinelSettings): Promise<MasterAddress> {
  const { masterName, minOtherSentinels } = sentinel
  const [address, others] = await Promise.all([
    client.send<readonly [string, string] | null>([
      'SENTINEL',
      'GET-MASTER-ADDR-BY-NAME',
      masterName,
    ]),
    minOtherSentinels > 0
      ? client.send<readonly unknown[]>(['SENTINEL', 'SENTINELS', masterName])
      : [],
  ])
  if (address === null) throw new Error('it does not know this master')
  if (others.length < minOtherSentinels) {
    throw new Error(
      `it sees ${others.length} other sentinels, and "minOtherSentinels" is ${minOtherSentinels}`,
    )
  }
  return { host: address[0], port: Number(address[1]) }
}
