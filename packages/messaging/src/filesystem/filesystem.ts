/** Queues in folders, in Kombu's layout: nothing to install, for processes that share a file system. */
import { join, resolve } from 'node:path'
import { ConfigurationError } from '../errors.ts'
import { type BrokerUrl, formatBrokerUrl } from '../transport/broker-url.ts'
import type { Capabilities } from '../transport/capabilities.ts'
import { optionsFromQuery } from '../transport/options.ts'
import type { Transport } from '../transport/transport.ts'
import type { QueueStore } from '../virtual/queue-store.ts'
import { virtualTransport } from '../virtual/virtual-transport.ts'
import { type FilesystemOptions, filesystemSettings, urlSpecs } from './filesystem-options.ts'
import { FilesystemSessions } from './filesystem-sessions.ts'

export type { FilesystemOptions } from './filesystem-options.ts'

const capabilities: Capabilities = Object.freeze({
  // Kombu's table has no place for the arguments of a headers binding.
  exchangeTypes: Object.freeze(['direct', 'fanout', 'topic'] as const),
  exchangeBindings: false,
  priorities: false,
  messageTtl: true,
  deadLetters: true,
  leases: true,
  sharedBindings: true,
  durability: 'broker',
  requeue: 'last',
  heartbeats: false,
})

/**
 * A transport whose broker is a few folders, shared with Kombu 5.3 and later.
 *
 * @throws {ConfigurationError} `BAD_OPTION`.
 */
export function filesystem(options: FilesystemOptions = {}): Transport {
  const settings = filesystemSettings(options)
  const sessions = new FilesystemSessions(settings)
  const store: QueueStore = {
    name: 'filesystem',
    capabilities,
    address: {
      scheme: 'filesystem',
      hostname: undefined,
      port: undefined,
      userid: undefined,
      password: undefined,
      virtualHost: settings.dataFolderIn,
    },
    maxPayloadBytes: settings.maxPayloadBytes,
    open: (connect) => sessions.open(connect),
  }
  return virtualTransport(store, options)
}

/**
 * The transport of a `filesystem://` URL.
 *
 * Folders are in the options or in the query. `filesystem:///folder` means `data`, `control` and
 * `processed` below `/folder`, one data folder for both directions. What the URL says wins.
 *
 * @throws {ConfigurationError} `BAD_OPTION`.
 */
export function filesystemFromUrl(
  url: BrokerUrl,
  options: Readonly<Record<string, unknown>>,
): Transport {
  if (url.userid !== undefined || (url.hostname ?? 'localhost') !== 'localhost') throw hasHost(url)
  const query = optionsFromQuery(url.query, urlSpecs)
  // Names and types are checked by filesystem().
  return filesystem({ ...options, ...foldersBelow(url.virtualHost), ...query } as FilesystemOptions)
}

function foldersBelow(folder: string | undefined): FilesystemOptions {
  if (folder === undefined) return {}
  const root = resolve('/', folder)
  const data = join(root, 'data')
  return {
    dataFolderIn: data,
    dataFolderOut: data,
    controlFolder: join(root, 'control'),
    processedFolder: join(root, 'processed'),
  }
}

function hasHost(url: BrokerUrl): ConfigurationError {
  return new ConfigurationError(
    'BAD_OPTION',
    `"${formatBrokerUrl(url)}" names a host or a user, and folders have none. Write filesystem:///absolute/folder, ` +
      'or filesystem:// with dataFolderIn and dataFolderOut among the options',
  )
}
