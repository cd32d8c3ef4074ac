/** Where a broker is, said to both sides. */
import { mkdir, mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { BrokerName } from './matrix.ts'

/** What a peer's `connect` takes. */
export interface KombuConnecting {
  readonly url: string
  readonly polling_interval: number
  readonly transport_options?: Readonly<Record<string, unknown>>
}

/** A broker's place. */
export interface BrokerAddress {
  /** For a connection of ours. */
  readonly url: string
  readonly kombu: KombuConnecting
}

/** The place of every broker of a run. */
export type BrokerAddresses = Readonly<Record<BrokerName, BrokerAddress>>

/** Longest time to connect: one machine is both sides and the broker. */
export const patientMs = 20_000

/** Kombu's default of a second between two looks into a table is a long time in a test. */
const pollingIntervalSeconds = 0.02

/** A new temporary folder for the brokers that need no server. Kombu wants to find the folder for messages. */
export async function makeBrokerFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'dashi-interop-'))
  await mkdir(dataFolder(folder), { recursive: true })
  return folder
}

/** @param folder From {@link makeBrokerFolder}. */
export function brokerAddresses(
  servers: { readonly redis: string; readonly rabbitmq: string },
  folder: string,
): BrokerAddresses {
  return {
    redis: byUrl(servers.redis),
    rabbitmq: confirming(servers.rabbitmq),
    sqlite: byUrl(`sqla+sqlite:///${join(folder, 'broker.db')}`),
    filesystem: inFolders(folder),
  }
}

/** With the same URL for both sides. */
export function byUrl(url: string): BrokerAddress {
  return { url, kombu: { url, polling_interval: pollingIntervalSeconds } }
}

/** Otherwise Kombu goes on before RabbitMQ has what it published. */
function confirming(url: string): BrokerAddress {
  const { kombu } = byUrl(url)
  return { url, kombu: { ...kombu, transport_options: { confirm_publish: true } } }
}

/** Kombu names the folders one by one. */
function inFolders(folder: string): BrokerAddress {
  const data = dataFolder(folder)
  const transport_options = {
    data_folder_in: data,
    data_folder_out: data,
    control_folder: join(data, '..', 'control'),
  }
  return {
    url: `filesystem://${join(data, '..')}`,
    kombu: {
      url: 'filesystem://',
      polling_interval: pollingIntervalSeconds,
      transport_options,
    },
  }
}

function dataFolder(folder: string): string {
  return join(folder, 'filesystem', 'data')
}
