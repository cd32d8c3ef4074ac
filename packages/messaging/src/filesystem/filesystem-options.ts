import { resolve } from 'node:path'
import { checkOptions, type OptionSpecs } from '../transport/options.ts'
import type { VirtualOptions } from '../virtual/virtual-options.ts'

/** Options of the filesystem transport. Folders are created if missing, relative to the working directory. */
export interface FilesystemOptions extends VirtualOptions {
  /** Where messages are taken from. Kombu's `data_folder_in`. Default `data_in`. */
  readonly dataFolderIn?: string | undefined
  /** Where messages are written to. Kombu's `data_folder_out`. Default `data_out`. */
  readonly dataFolderOut?: string | undefined
  /** Keep the files of acknowledged messages, in `processedFolder`. Default false. */
  readonly storeProcessed?: boolean | undefined
  /** Default `processed`. Has to be on the same file system as `dataFolderIn`. */
  readonly processedFolder?: string | undefined
  /** Where bindings are. Kombu's `control_folder`. Default `control`. */
  readonly controlFolder?: string | undefined
  /**
   * How long the messages of a process that died stay away. Renewed by a thread three times in that
   * time, however long a handler runs or blocks. Default 15 000.
   */
  readonly leaseMs?: number | undefined
  /** How often to look for new messages although none was announced. Default 500. */
  readonly pollIntervalMs?: number | undefined
  /** Whether a confirmed message survives the loss of power; without it only the death of every process. Default true. */
  readonly fsync?: boolean | undefined
  /** Largest envelope in bytes. Default 128 MiB. */
  readonly maxPayloadBytes?: number | undefined
}

/** The store's part of `FilesystemOptions`, with its defaults filled in and folders absolute. */
export interface FilesystemSettings {
  readonly dataFolderIn: string
  readonly dataFolderOut: string
  readonly processedFolder: string | undefined
  readonly controlFolder: string
  readonly leaseMs: number
  readonly pollIntervalMs: number
  readonly fsync: boolean
  readonly maxPayloadBytes: number
}

/** Options that can stand in a URL. */
export const urlSpecs: OptionSpecs = {
  dataFolderIn: { type: 'string', min: 1 },
  dataFolderOut: { type: 'string', min: 1 },
  storeProcessed: 'boolean',
  processedFolder: { type: 'string', min: 1 },
  controlFolder: { type: 'string', min: 1 },
  leaseMs: { type: 'number', min: 300, integer: true },
  pollIntervalMs: { type: 'number', min: 1 },
  fsync: 'boolean',
  maxPayloadBytes: { type: 'number', min: 1, max: 512 * 1024 * 1024, integer: true },
  bodyEncoding: { type: 'string', oneOf: ['base64', 'utf-8'] },
  topicMatching: { type: 'string', oneOf: ['kombu', 'amqp'] },
  deadletterQueue: 'string',
  maxTake: { type: 'number', min: 1, integer: true },
}

/**
 * Checks options and fills in the defaults.
 *
 * @throws {ConfigurationError} `BAD_OPTION`.
 */
export function filesystemSettings(options: FilesystemOptions): FilesystemSettings {
  checkOptions('the filesystem transport', options, { ...urlSpecs, now: 'function' })
  return {
    dataFolderIn: resolve(options.dataFolderIn ?? 'data_in'),
    dataFolderOut: resolve(options.dataFolderOut ?? 'data_out'),
    processedFolder: options.storeProcessed
      ? resolve(options.processedFolder ?? 'processed')
      : undefined,
    controlFolder: resolve(options.controlFolder ?? 'control'),
    leaseMs: options.leaseMs ?? 15_000,
    pollIntervalMs: options.pollIntervalMs ?? 500,
    fsync: options.fsync ?? true,
    maxPayloadBytes: options.maxPayloadBytes ?? 128 * 1024 * 1024,
  }
}
