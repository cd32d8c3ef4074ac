import { setTimeout as sleep } from 'node:timers/promises'
import { ConnectionError, reasonOf } from '@dashi/messaging/transport'
import type { SentinelSettings, ServerSettings } from '../settings.ts'
import { openClient, type RedisClient } from './client.ts'
import type { NodeAddress } from './redirection.ts'
import { tlsOptions } from './tls.ts'

/** What one sentinel says of the master. */
interface SentinelAnswer {
  readonly address: NodeAddress
  /** Grows with each failover. */
  readonly epoch: number
}

/** How long the others get once one sentinel has answered. */
const patienceMs = 200

/**
 * Asks all sentinels at once who the master is, and believes the one that knows of the latest failover.
 *
 * Waits for none that hangs. After a failover some know of it up to two seconds before the others.
 *
 * @throws {ConnectionError} `CONNECTION_REFUSED`, with what each of them said.
 */
export async function askSentinels(
  settings: ServerSettings,
  sentinel: SentinelSettings,
  signal: AbortSignal,
): Promise<NodeAddress> {
  const enough = new AbortController()
  const either = AbortSignal.any([signal, enough.signal])
  const first = Promise.withResolvers<void>()
  const answers: SentinelAnswer[] = []
  const asked = sentinel.addresses.map(async (address) => {
    try {
      answers.push(await askOne(settings, { ...sentinel, ...address }, either))
      first.resolve()
      return ''
    } catch (error) {
      return `${address.host}:${address.port}: ${reasonOf(error)}`
    }
  })
  const all = Promise.all(asked)
  const late = first.promise.then(() =>
    sleep(patienceMs, undefined, { signal: either, ref: false }),
  )
  try {
    await Promise.race([all, late])
  } finally {
    enough.abort()
  }
  signal.throwIfAborted()
  const [newest] = answers.sort((one, other) => other.epoch - one.epoch)
  if (newest === undefined) throw nobodyKnows(sentinel, await all)
  return newest.address
}

/** Connects to a sentinel, with its own user, password and TLS. */
export async function openSentinel(
  settings: ServerSettings,
  sentinel: SentinelSettings & NodeAddress,
  signal: AbortSignal,
): Promise<RedisClient> {
  const { host, port, username, password, ssl } = sentinel
  const tls = ssl === undefined ? undefined : await tlsOptions(ssl)
  const own = { host, port, username, password, path: undefined, database: 0, tls }
  return await openClient({ ...settings, ...own, tracking: false }, signal)
}

async function askOne(
  settings: ServerSettings,
  sentinel: SentinelSettings & NodeAddress,
  signal: AbortSignal,
): Promise<SentinelAnswer> {
  const client = await openSentinel(settings, sentinel, signal)
  const onAbort = () => client.destroy()
  signal.addEventListener('abort', onAbort, { once: true })
  try {
    return await answerOf(client, sentinel)
  } finally {
    signal.removeEventListener('abort', onAbort)
    client.destroy()
  }
}

async function answerOf(client: RedisClient, sentinel: SentinelSettings): Promise<SentinelAnswer> {
  const { masterName, minOtherSentinels } = sentinel
  const [address, master] = await Promise.all([
    // While a failover goes on, the one who leads it says the new address here first.
    client.send<readonly [string, string] | null>([
      'SENTINEL',
      'GET-MASTER-ADDR-BY-NAME',
      masterName,
    ]),
    client.send<unknown>(['SENTINEL', 'MASTER', masterName]).catch((error: unknown) => error),
  ])
  if (address === null) throw new Error('it does not know this master')
  if (master instanceof Error) throw master
  const fields = fieldsOf(master)
  const others = Number(fields.get('num-other-sentinels') ?? 0)
  if (others < minOtherSentinels) {
    throw new Error(
      `it sees ${others} other sentinels, and "minOtherSentinels" is ${minOtherSentinels}`,
    )
  }
  const epoch = Number(fields.get('config-epoch') ?? 0)
  return { address: { host: address[0], port: Number(address[1]) }, epoch }
}

/** Names and values in turns; with RESP 3 a map, which the client library gives as an object. */
function fieldsOf(answer: unknown): ReadonlyMap<unknown, unknown> {
  if (answer instanceof Map) return answer
  if (!Array.isArray(answer)) return new Map(Object.entries(Object(answer)))
  const pairs = answer.flatMap((name, index) =>
    index % 2 === 0 ? [[name, answer[index + 1]] as const] : [],
  )
  return new Map(pairs)
}

function nobodyKnows(sentinel: SentinelSettings, reasons: readonly string[]): ConnectionError {
  return new ConnectionError(
    'CONNECTION_REFUSED',
    `No sentinel names a master "${sentinel.masterName}" (${reasons.join('; ')}). ` +
      'Check "masterName" and that the sentinels run',
  )
}
