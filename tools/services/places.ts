import { join } from 'node:path'

/** The folder of the repository. */
export const repository: string = join(import.meta.dirname, '..', '..')

/**
 * What the tools keep on this machine: records of running brokers, and the Python peers.
 *
 * Not in `node_modules`, because `npm ci` removes that while brokers are running.
 */
export const peersFolder: string = join(repository, '.peers')
